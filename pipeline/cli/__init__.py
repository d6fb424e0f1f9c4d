"""The command line: every command, what it prints and the code it ends with."""
