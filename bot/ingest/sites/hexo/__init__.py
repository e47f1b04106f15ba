"""Reads the sites of Hexo as it does: https://hexo.io/docs."""
