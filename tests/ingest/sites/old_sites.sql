-- The rows of a database of version 10, as that version's program filled it from the sites in old_sites.py.
DELETE FROM settings;
INSERT INTO settings (name, value) VALUES
    ('planner_cursor', '7'),
    ('subscriptions_changed', '1');
INSERT INTO sources (id, name, rank, settings, last_run_at, last_success_at, last_error, holdings, archive_before, archive_complete, findings) VALUES
    (1, 'folder:categories', 0, 'front matter 5, unpublished: skip, Defaults(quality=75, topics=(), provider=None, base_url=''https://site.example/'', permalink=''/:categories/:year/:month/:day/:title/'', rules=TopicRules(2e38e77b22c314a449e91fafed92a43826ac6aa403ae6a8acb6cf58239fbaf5d))', '2026-11-20T12:00:00.000000+00:00', '2026-11-20T12:00:00.000000+00:00', NULL, NULL, NULL, 0, '{}'),
    (2, 'folder:titles', 1, 'front matter 5, unpublished: skip, Defaults(quality=75, topics=(), provider=None, base_url=''https://site.example/'', permalink=''/:year/:month/:slug/'', rules=TopicRules(2e38e77b22c314a449e91fafed92a43826ac6aa403ae6a8acb6cf58239fbaf5d))', '2026-11-20T12:00:00.000000+00:00', '2026-11-20T12:00:00.000000+00:00', NULL, NULL, NULL, 0, '{}'),
    (3, 'folder:components', 2, 'front matter 5, unpublished: skip, Defaults(quality=75, topics=(), provider=None, base_url=''https://site.example/'', permalink=''/blog/:slug/'', rules=TopicRules(2e38e77b22c314a449e91fafed92a43826ac6aa403ae6a8acb6cf58239fbaf5d))', '2026-11-20T12:00:00.000000+00:00', '2026-11-20T12:00:00.000000+00:00', NULL, NULL, NULL, 0, '{}');
INSERT INTO articles (id, revision, document_id, content_hash, visible_hash, first_seen_at, withdrawn, title, dated_at, quality, provider, last_planned_at, archive) VALUES
    (1, 1, 2, '82d48425cb08a76c704a53ce667546ca', '0e92ed4b52f5c7d1e185d02ef70cdce6', '2026-11-20T12:00:00.000000+00:00', 0, 'Ferry returns', '2026-11-18T00:00:00.000000+00:00', 75, '', '2026-11-20T12:00:00.000000+00:00', 0),
    (2, 2, 3, 'a4c032409ed969c808ae20d88b1dd1fe', '2fa57b73d3f2e043009b2cfeadd6bfa2', '2026-11-20T12:00:00.000000+00:00', 0, 'Bridge opens', '2026-11-18T17:30:00.000000+00:00', 75, '', '2026-11-20T12:00:00.000000+00:00', 0),
    (3, 3, 4, '98d22c002813a1fbc0930371520b5585', 'cc1da22990f2199aa4a20c7022d6b0d8', '2026-11-20T12:00:00.000000+00:00', 0, 'Mill burns', '2026-11-19T00:00:00.000000+00:00', 75, '', '2026-11-20T12:00:00.000000+00:00', 0),
    (4, 4, 5, '18ecc72c568e76b942f91a935bc977d5', '037a74d876247ceaae3cc06702cc8b5b', '2026-11-20T12:00:00.000000+00:00', 0, 'Fire: five facts', '2026-11-19T00:00:00.000000+00:00', 75, '', '2026-11-20T12:00:00.000000+00:00', 0),
    (5, 5, 6, 'cfc1be5661953187a95d5e6aaeeed157', 'b9ce7acca4317c69650c5ca32ec5a9f2', '2026-11-20T12:00:00.000000+00:00', 0, 'Home again', '2026-11-18T00:00:00.000000+00:00', 75, '', '2026-11-20T12:00:00.000000+00:00', 0),
    (6, 6, 8, '9f758e2308f3de62a067208c86e0dfa9', '5096184e0396d605b654cfe9f4e5739e', '2026-11-20T12:00:00.000000+00:00', 0, 'Second tool', '2026-11-18T00:00:00.000000+00:00', 75, '', '2026-11-20T12:00:00.000000+00:00', 0),
    (7, 7, 9, 'bdd30dbf98180bd4ef97e7552e4473bc', 'bd557792e6a9a26020e2c68fb5521a49', '2026-11-20T12:00:00.000000+00:00', 0, 'Tool 2.0', '2026-11-19T00:00:00.000000+00:00', 75, '', '2026-11-20T12:00:00.000000+00:00', 0);
INSERT INTO documents (id, source_id, key, size, modified_ns, digest, state, article_id, published_at, content, rejected_reason, rejected_line, rejected_field, missing) VALUES
    (1, 1, '_posts/2026-11-18-bakery.md', 61, -1, '254142e8c71ca4859827f8458307b535', 'rejected', NULL, NULL, NULL, 'appears twice, first on line 3', 4, 'version', 0),
    (2, 1, '_posts/2026-11-18-ferry.md', 66, -1, '428519c6282ac505357b6945c0590530', 'live', 1, '2026-11-18T00:00:00.000000+00:00', '{"title":"Ferry returns","url":"https://site.example/sea-side/c/2026/11/18/ferry/","addresses":["https://site.example/sea-side/c/2026/11/18/ferry"],"published_at":"2026-11-18T00:00:00Z","quality":75,"topics":["Sea_Side","C++"]}', NULL, NULL, NULL, 0),
    (3, 1, '_posts/2026-11-19-bridge.md', 72, -1, 'f0c1d860b345e5f1a497d9326fdd4add', 'live', 2, '2026-11-18T17:30:00.000000+00:00', '{"title":"Bridge opens","url":"https://site.example/2026/11/19/bridge/","addresses":["https://site.example/2026/11/19/bridge"],"published_at":"2026-11-18T17:30:00Z","quality":75}', NULL, NULL, NULL, 0),
    (4, 1, '_posts/2026-11-19-mill.md', 59, -1, '5a7e26d72b39fdf5f233c36ad8601681', 'live', 3, '2026-11-19T00:00:00.000000+00:00', '{"title":"Mill burns","url":"https://site.example/local-news/2026/11/19/mill/","addresses":["https://site.example/local-news/2026/11/19/mill"],"published_at":"2026-11-19T00:00:00Z","category":"Local News","quality":75,"topics":["Local News"]}', NULL, NULL, NULL, 0),
    (5, 2, 'content/posts/2026-11-19_Mill/index.md', 63, -1, 'f6f2db1f99c8e34bbe6f8e9ace245dbb', 'live', 4, '2026-11-19T00:00:00.000000+00:00', '{"title":"Fire: five facts","url":"https://site.example/2026/11/2026-11-19_Mill/","addresses":["https://site.example/2026/11/2026-11-19_Mill"],"published_at":"2026-11-19T00:00:00Z","quality":75}', NULL, NULL, NULL, 0),
    (6, 2, 'content/posts/Ferry.md', 71, -1, '63874ebea9b9115287d5fd18284aec96', 'live', 5, '2026-11-18T00:00:00.000000+00:00', '{"title":"Home again","url":"https://site.example/2026/11/Back-HOME/","addresses":["https://site.example/2026/11/Back-HOME"],"published_at":"2026-11-18T00:00:00Z","quality":75}', NULL, NULL, NULL, 0),
    (7, 2, 'content/posts/bridge.md', 44, -1, '901c454b1654f15ed4a6843779dfc859', 'rejected', NULL, NULL, NULL, 'is missing or empty', NULL, 'title', 0),
    (8, 3, 'src/content/blog/Second Tool.md', 59, -1, 'f7ecf3a830eba1e78c73f0e05e54ec1d', 'live', 6, '2026-11-18T00:00:00.000000+00:00', '{"title":"Second tool","url":"https://site.example/blog/Second%20Tool/","addresses":["https://site.example/blog/Second%20Tool"],"published_at":"2026-11-18T00:00:00Z","quality":75}', NULL, NULL, NULL, 0),
    (9, 3, 'src/content/blog/tool-2.0.md', 56, -1, '9aa6d900cf95d15820d6e74fd3c0ed96', 'live', 7, '2026-11-19T00:00:00.000000+00:00', '{"title":"Tool 2.0","url":"https://site.example/blog/tool-2.0/","addresses":["https://site.example/blog/tool-2.0"],"published_at":"2026-11-19T00:00:00Z","quality":75}', NULL, NULL, NULL, 0);
INSERT INTO addresses (address, article_id) VALUES
    ('https://site.example/2026/11/19/bridge', 2),
    ('https://site.example/2026/11/2026-11-19_Mill', 4),
    ('https://site.example/2026/11/Back-HOME', 5),
    ('https://site.example/blog/Second%20Tool', 6),
    ('https://site.example/blog/tool-2.0', 7),
    ('https://site.example/local-news/2026/11/19/mill', 3),
    ('https://site.example/sea-side/c/2026/11/18/ferry', 1);
INSERT INTO topics (id, name, folded) VALUES
    (1, 'Sea_Side', 'sea_side'),
    (2, 'C++', 'c++'),
    (3, 'Local News', 'local news');
INSERT INTO article_topics (topic_id, article_id) VALUES
    (1, 1),
    (2, 1),
    (3, 3);
INSERT INTO articles_fts (rowid, title, excerpt, provider, topics, related) VALUES
    (1, 'Ferry returns', '', '', 'Sea_Side C++', ''),
    (2, 'Bridge opens', '', '', '', ''),
    (3, 'Mill burns', '', '', 'Local News', ''),
    (4, 'Fire: five facts', '', '', '', ''),
    (5, 'Home again', '', '', '', ''),
    (6, 'Second tool', '', '', '', ''),
    (7, 'Tool 2.0', '', '', '', '');
INSERT INTO subscriptions (id, guild_id, channel_id, created_by, created_at, max_per_hour, fresh_after, paused_by, paused_reason, left_at, rules, delivery, digest_best, removed_at, removed_cursor) VALUES
    (1, 10, 20, 1, '2026-11-20T12:00:00.000000+00:00', NULL, '2026-11-13T12:00:00.000000+00:00', NULL, NULL, NULL, '{}', '{"fold":false}', NULL, NULL, NULL);
INSERT INTO post_history (id, post_id, at, status, reason) VALUES
    (1, 1, '2026-11-20T12:00:00.000000+00:00', 'planned', NULL),
    (2, 2, '2026-11-20T12:00:00.000000+00:00', 'planned', NULL),
    (3, 3, '2026-11-20T12:00:00.000000+00:00', 'planned', NULL),
    (4, 4, '2026-11-20T12:00:00.000000+00:00', 'planned', NULL),
    (5, 5, '2026-11-20T12:00:00.000000+00:00', 'planned', NULL),
    (6, 6, '2026-11-20T12:00:00.000000+00:00', 'planned', NULL),
    (7, 7, '2026-11-20T12:00:00.000000+00:00', 'planned', NULL),
    (8, 1, '2026-11-20T12:00:00.000000+00:00', 'claimed', NULL),
    (9, 1, '2026-11-20T12:00:00.050000+00:00', 'sent', NULL),
    (10, 2, '2026-11-20T12:00:00.050000+00:00', 'claimed', NULL),
    (11, 2, '2026-11-20T12:00:00.051000+00:00', 'sent', NULL),
    (12, 3, '2026-11-20T12:00:00.100000+00:00', 'claimed', NULL),
    (13, 3, '2026-11-20T12:00:00.100000+00:00', 'sent', NULL),
    (14, 4, '2026-11-20T12:00:00.100000+00:00', 'claimed', NULL),
    (15, 4, '2026-11-20T12:00:00.101000+00:00', 'sent', NULL),
    (16, 5, '2026-11-20T12:00:00.150000+00:00', 'claimed', NULL),
    (17, 5, '2026-11-20T12:00:00.150000+00:00', 'sent', NULL),
    (18, 6, '2026-11-20T12:00:00.150000+00:00', 'claimed', NULL),
    (19, 6, '2026-11-20T12:00:00.151000+00:00', 'sent', NULL),
    (20, 7, '2026-11-20T12:00:00.200000+00:00', 'claimed', NULL),
    (21, 7, '2026-11-20T12:00:00.200000+00:00', 'sent', NULL);
INSERT INTO subscription_topics (folded, min_quality, subscription_id) VALUES
    ('', 0, 1);
INSERT INTO posts (id, article_id, subscription_id, guild_id, channel_id, nonce, status, catch_up, planned_at, due_at, changed_at, attempts, claimed_at, unknown_since, settled_at, message_id, shown_hash, reason, lead_post_id, place, message_removed, replaceable) VALUES
    (1, 1, 1, 10, 20, 'before0', 'sent', 0, '2026-11-20T12:00:00.000000+00:00', '2026-11-20T12:00:00.000000+00:00', '2026-11-20T12:00:00.050000+00:00', 1, '2026-11-20T12:00:00.000000+00:00', NULL, '2026-11-20T12:00:00.050000+00:00', 1001, '0e92ed4b52f5c7d1e185d02ef70cdce6', NULL, NULL, NULL, 0, 0),
    (2, 2, 1, 10, 20, 'before1', 'sent', 0, '2026-11-20T12:00:00.000000+00:00', '2026-11-20T12:00:00.000000+00:00', '2026-11-20T12:00:00.051000+00:00', 1, '2026-11-20T12:00:00.050000+00:00', NULL, '2026-11-20T12:00:00.051000+00:00', 1002, '2fa57b73d3f2e043009b2cfeadd6bfa2', NULL, NULL, NULL, 0, 0),
    (3, 3, 1, 10, 20, 'before2', 'sent', 0, '2026-11-20T12:00:00.000000+00:00', '2026-11-20T12:00:00.000000+00:00', '2026-11-20T12:00:00.100000+00:00', 1, '2026-11-20T12:00:00.100000+00:00', NULL, '2026-11-20T12:00:00.100000+00:00', 1003, 'cc1da22990f2199aa4a20c7022d6b0d8', NULL, NULL, NULL, 0, 0),
    (4, 4, 1, 10, 20, 'before3', 'sent', 0, '2026-11-20T12:00:00.000000+00:00', '2026-11-20T12:00:00.000000+00:00', '2026-11-20T12:00:00.101000+00:00', 1, '2026-11-20T12:00:00.100000+00:00', NULL, '2026-11-20T12:00:00.101000+00:00', 1004, '037a74d876247ceaae3cc06702cc8b5b', NULL, NULL, NULL, 0, 0),
    (5, 5, 1, 10, 20, 'before4', 'sent', 0, '2026-11-20T12:00:00.000000+00:00', '2026-11-20T12:00:00.000000+00:00', '2026-11-20T12:00:00.150000+00:00', 1, '2026-11-20T12:00:00.150000+00:00', NULL, '2026-11-20T12:00:00.150000+00:00', 1005, 'b9ce7acca4317c69650c5ca32ec5a9f2', NULL, NULL, NULL, 0, 0),
    (6, 6, 1, 10, 20, 'before5', 'sent', 0, '2026-11-20T12:00:00.000000+00:00', '2026-11-20T12:00:00.000000+00:00', '2026-11-20T12:00:00.151000+00:00', 1, '2026-11-20T12:00:00.150000+00:00', NULL, '2026-11-20T12:00:00.151000+00:00', 1006, '5096184e0396d605b654cfe9f4e5739e', NULL, NULL, NULL, 0, 0),
    (7, 7, 1, 10, 20, 'before6', 'sent', 0, '2026-11-20T12:00:00.000000+00:00', '2026-11-20T12:00:00.000000+00:00', '2026-11-20T12:00:00.200000+00:00', 1, '2026-11-20T12:00:00.200000+00:00', NULL, '2026-11-20T12:00:00.200000+00:00', 1007, 'bd557792e6a9a26020e2c68fb5521a49', NULL, NULL, NULL, 0, 0);
