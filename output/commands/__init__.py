"""The commands of `kiemcong`, one module per group."""
