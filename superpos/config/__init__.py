"""What a person may write in a config, what it means, and which jobs follow from it."""
