// Behaviour of every page, one module each; without it all pages work, too.
