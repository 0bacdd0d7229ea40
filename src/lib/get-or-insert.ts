// What stands in a map under this key? Made where nothing does: `Map.prototype.getOrInsertComputed`, which Node has not yet.
export function getOrInsert<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
