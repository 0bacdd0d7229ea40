-- A density is followed to its end, also where it meets its tests no longer: of when its neighbours and its share are. Comments
-- alone, no row and no column changes.

-- Up Migration

COMMENT ON COLUMN densities.volume_percent IS 'Share of its side within the band, when it last met every test.';
COMMENT ON COLUMN densities.relative_strength IS 'Times the median neighbour, when it last met every test.';
COMMENT ON COLUMN densities.criteria IS 'Each test with value, threshold and verdict; notional_usdt of then, the others of when it last met every one.';

-- Down Migration

COMMENT ON COLUMN densities.volume_percent IS 'Share of its side within the band.';
COMMENT ON COLUMN densities.relative_strength IS 'Times the median neighbour.';
COMMENT ON COLUMN densities.criteria IS 'Each test with value, threshold and verdict.';
