"""Long work: a row for each job, done by a worker process; a person can watch it, leave, and come back."""
