"""The web application: projects, sentences, labels, runs, and their doors."""
