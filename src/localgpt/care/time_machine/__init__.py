"""The time machine: every change of the notes as a commit, each turn's and the owner's own, in a repository of ours.

``machine`` is the whole of it. ``pending`` reads from the journal what is to be committed, ``sequence`` works out the
exact contents and whose they are, ``scan`` finds what the owner changed by a walk of stats, ``trees`` and
``repository`` write git objects, ``owners`` commits into the owner's own repository where that is wanted, ``past``
reads it all back. The journal is the truth; git is the store. ``docs/history.md`` is the page.
"""
