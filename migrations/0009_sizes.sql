-- What the numbers of a density count, and from when: comments alone, no row and no column changes.

-- Up Migration

COMMENT ON COLUMN densities.volume IS 'Base asset then; of a cluster, what its notional is at price.';
COMMENT ON COLUMN densities.state IS 'forming, confirmed, eroding or gone; of one that moved, was absorbed or left the view, as it was before.';
COMMENT ON COLUMN densities.appeared_at IS 'First seen; where another density has moved here, the time of that one.';
COMMENT ON COLUMN densities.initial_notional IS 'USDT when first seen here.';
COMMENT ON COLUMN densities.peak_notional IS 'USDT, the most so far; after a change of its levels, as if it had always had those of now.';
COMMENT ON COLUMN densities.eaten IS 'USDT by which trades have made it smaller so far.';
COMMENT ON COLUMN densities.refilled IS 'USDT that came so far, also in the same message in which as much was taken by trades.';
COMMENT ON COLUMN densities.volume_percent IS 'Share of its side within the band, when it last met every test.';
COMMENT ON COLUMN densities.relative_strength IS 'Times the median neighbour, when it last met every test.';
COMMENT ON COLUMN densities.criteria IS 'Each test with value, threshold and verdict; notional_usdt of then, the others of when it last met every one.';
COMMENT ON COLUMN executions.account IS 'Whose exec_id it is.';

-- Down Migration

COMMENT ON COLUMN densities.volume IS 'Base asset then.';
COMMENT ON COLUMN densities.state IS 'forming, confirmed, eroding or gone.';
COMMENT ON COLUMN densities.appeared_at IS 'First seen.';
COMMENT ON COLUMN densities.initial_notional IS 'USDT when first seen.';
COMMENT ON COLUMN densities.peak_notional IS 'USDT, the most so far.';
COMMENT ON COLUMN densities.eaten IS 'USDT taken by trades so far.';
COMMENT ON COLUMN densities.refilled IS 'USDT that came back so far.';
COMMENT ON COLUMN densities.volume_percent IS 'Share of its side within the band.';
COMMENT ON COLUMN densities.relative_strength IS 'Times the median neighbour.';
COMMENT ON COLUMN densities.criteria IS 'Each test with value, threshold and verdict.';
COMMENT ON COLUMN executions.account IS 'Whose exec_id it is; a simulated exchange gives the same ids again when it is started anew.';
