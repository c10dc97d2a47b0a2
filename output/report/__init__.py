"""Pictures and pages that show a finding to a person."""
