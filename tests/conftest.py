"""What holds for every test."""

from hypothesis import settings

# A busy machine is no failure of the code: time is measured by ./bench, not by properties.
settings.register_profile("kiemcong", deadline=None)
settings.load_profile("kiemcong")
