"""A function on several processes at once, which MindSpore joins as it joins machines."""
