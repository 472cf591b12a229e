"""Words: the nouns, errors, config and registry that everything else is said in."""
