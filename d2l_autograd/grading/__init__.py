"""The notebooks that students hand in: their answers run apart from everything else, and marked."""
