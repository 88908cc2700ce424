"""How to judge: one method of the field per module, numbers in, numbers out."""
