"""Sample portals: written from the law and from how real portals look, each with the truth about itself."""
