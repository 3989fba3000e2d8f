"""What every app stands on and that knows no app: errors, events, audit, jobs, HTTP manners."""
