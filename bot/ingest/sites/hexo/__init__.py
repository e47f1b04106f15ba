"""Sites of Hexo, a generator for blogs: https://hexo.io/docs."""
