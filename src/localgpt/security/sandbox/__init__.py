"""Running programs behind walls: namespaces, Landlock, seccomp and limits, set up in pure Python.

``plan`` says what a run may do, ``supervisor`` runs it, ``status`` tells which walls this machine allows. What is
imported by the process that becomes the command (``child`` and what it needs) uses C modules of the standard library
only: each run pays for its imports.
"""
