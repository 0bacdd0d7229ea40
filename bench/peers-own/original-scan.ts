// How would the original design's pseudo-code find densities, written down in objects as it stands?
// Criteria, order and data shapes are the design's; where it gives a signature without a body, the plainest one is taken.

export interface PriceLevel {
  readonly price: number;
  volume: number;
}

export interface OrderBook {
  readonly bids: PriceLevel[];
  readonly asks: PriceLevel[];
}

export interface CoinParameters {
  readonly densityThresholdAbs: number;
  readonly densityThresholdRelative: number;
  readonly densityThresholdPercent: number;
  readonly clusterRangePercent: number;
}

interface Cluster {
  readonly price: number;
  readonly volume: number;
  readonly first: number;
  readonly last: number;
}

export interface Density {
  readonly priceLevel: number;
  readonly volume: number;
  readonly side: 'bid' | 'ask';
  readonly timestamp: Date;
}

const sum = (levels: readonly PriceLevel[]): number => levels.reduce((total, level) => total + level.volume, 0);

export class DensityDetector {
  detectDensities(orderbook: OrderBook, params: CoinParameters): Density[] {
    const densities: Density[] = [];
    for (const side of ['bid', 'ask'] as const) {
      const levels = side === 'bid' ? orderbook.bids : orderbook.asks;
      const totalVolume = sum(levels);
      const clusters = this.detectClusters(levels, params.clusterRangePercent);
      for (const item of [...levels, ...clusters]) {
        if (!this.checkAbsoluteVolume(item, params.densityThresholdAbs)) continue;
        const neighbors = this.getNeighbors(item, levels, 5);
        if (!this.checkRelativeVolume(item, neighbors, params.densityThresholdRelative)) continue;
        if (!this.checkPercentOfTotal(item, totalVolume, params.densityThresholdPercent)) continue;
        densities.push({ priceLevel: item.price, volume: item.volume, side, timestamp: new Date() });
      }
    }
    return densities;
  }

  checkAbsoluteVolume(level: PriceLevel, threshold: number): boolean {
    return level.volume >= threshold;
  }

  checkRelativeVolume(level: PriceLevel, neighbors: readonly PriceLevel[], multiplier: number): boolean {
    if (neighbors.length === 0) return false;
    return level.volume >= (sum(neighbors) / neighbors.length) * multiplier;
  }

  checkPercentOfTotal(level: PriceLevel, totalVolume: number, threshold: number): boolean {
    return (level.volume / totalVolume) * 100 >= threshold;
  }

  /** `n` levels on each side of a level or of a cluster, itself left out. */
  getNeighbors(item: PriceLevel | Cluster, levels: readonly PriceLevel[], n: number): PriceLevel[] {
    const first = 'first' in item ? item.first : levels.indexOf(item);
    const last = 'last' in item ? item.last : first;
    return [...levels.slice(Math.max(0, first - n), first), ...levels.slice(last + 1, last + 1 + n)];
  }

  /** From every level outward, as long as the range holds; the price of a cluster is that of its largest level. */
  detectClusters(levels: readonly PriceLevel[], priceRangePercent: number): Cluster[] {
    const clusters: Cluster[] = [];
    for (const [first, start] of levels.entries()) {
      const range = (start.price * priceRangePercent) / 100;
      let last = first;
      while (last + 1 < levels.length && Math.abs((levels[last + 1] as PriceLevel).price - start.price) <= range)
        last++;
      if (last === first) continue;
      const members = levels.slice(first, last + 1);
      const largest = members.reduce((best, level) => (level.volume > best.volume ? level : best));
      clusters.push({ price: largest.price, volume: sum(members), first, last });
    }
    return clusters;
  }
}
