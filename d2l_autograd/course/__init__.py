"""The course: its chapters, and the answers to its exercises."""
