// Which keys are there? Single letters; what acts on money needs a word more than a key.
import type { Commands } from './commands.ts';
import type { Tabs } from './desk/tabs.ts';
import type { Shortcut } from './keys.ts';
import type { MapToolbar } from './map/toolbar.ts';
import type { MapView } from './map/view.ts';
import { part } from './element.ts';
import type { Places } from './places.ts';
import type { SymbolsView } from './symbols-view.ts';
import type { Theme } from './theme.ts';

export interface Room {
  readonly map: MapView;
  readonly toolbar: MapToolbar;
  readonly symbols: SymbolsView;
  readonly tabs: Tabs;
  readonly places: Places;
  readonly commands: Commands;
  readonly theme: Theme;
  widen(): void;
  help(): void;
  /** The symbol that is shown, where a position is open in it. */
  held(): string | undefined;
}

const PAN_ROWS = 8;
const SHEETS = ['positions', 'signals', 'results', 'system', 'log'] as const;

export function shortcutsOf(room: Room): Shortcut[] {
  const { map, toolbar, symbols, tabs, places, commands, theme } = room;
  const sheet = (id: string, at: number): Shortcut => ({
    keys: [String(at + 1)],
    shown: String(at + 1),
    group: 'Go to',
    does: `${id[0]?.toUpperCase() ?? ''}${id.slice(1)}`,
    run: () => {
      tabs.show(id);
      places.show('desk');
    },
  });
  const close = (): void => {
    const symbol = room.held();
    if (symbol !== undefined) void commands.close(symbol);
  };
  return [
    { keys: ['j'], shown: 'J', group: 'Go to', does: 'Next symbol', run: () => symbols.step(1) },
    { keys: ['k'], withShift: false, shown: 'K', group: 'Go to', does: 'Former symbol', run: () => symbols.step(-1) },
    { keys: ['/'], shown: '/', group: 'Go to', does: 'Find a symbol', run: () => findSymbol(places) },
    { keys: ['m'], shown: 'M', group: 'Go to', does: 'Depth map', run: () => goToMap(places) },
    ...SHEETS.map(sheet),
    { keys: ['f'], shown: 'F', group: 'Depth map', does: 'Follow the mid', run: () => map.follow() },
    { keys: [' '], shown: 'Space', group: 'Depth map', does: 'Freeze, go on', run: () => toolbar.freeze() },
    { keys: ['arrowup'], shown: '↑', group: 'Depth map', does: 'Higher prices', run: () => map.pan(PAN_ROWS) },
    { keys: ['arrowdown'], shown: '↓', group: 'Depth map', does: 'Lower prices', run: () => map.pan(-PAN_ROWS) },
    { keys: ['+', '='], shown: '+', group: 'Depth map', does: 'Zoom the price in', run: () => map.zoomPrice(1) },
    { keys: ['-', '_'], shown: '−', group: 'Depth map', does: 'Zoom the price out', run: () => map.zoomPrice(-1) },
    { keys: ['.', '>'], shown: '.', group: 'Depth map', does: 'Less time', run: () => map.zoomTime(1) },
    { keys: [',', '<'], shown: ',', group: 'Depth map', does: 'More time', run: () => map.zoomTime(-1) },
    { keys: [']'], shown: ']', group: 'Depth map', does: 'Brighter', run: () => map.brighten(1) },
    { keys: ['['], shown: '[', group: 'Depth map', does: 'Darker', run: () => map.brighten(-1) },
    { keys: ['a'], shown: 'A', group: 'Depth map', does: 'Everything that is kept', run: () => map.showAll() },
    { keys: ['d'], shown: 'D', group: 'Depth map', does: 'Densities', run: () => toolbar.toggle('densities') },
    { keys: ['r'], shown: 'R', group: 'Depth map', does: 'Trades', run: () => toolbar.toggle('trades') },
    { keys: ['s'], shown: 'S', group: 'Depth map', does: 'Signals', run: () => toolbar.toggle('signals') },
    { keys: ['o'], shown: 'O', group: 'Depth map', does: 'Orders', run: () => toolbar.toggle('orders') },
    { keys: ['p'], shown: 'P', group: 'Commands', does: 'Pause or resume', run: () => void commands.pauseOrResume() },
    { keys: ['c'], shown: 'C', group: 'Commands', does: 'Close this position', run: close },
    {
      keys: ['k'],
      withShift: true,
      isFirst: true,
      shown: 'Shift K',
      group: 'Commands',
      does: 'Kill switch',
      run: () => void commands.kill(),
    },
    { keys: ['e'], shown: 'E', group: 'Page', does: 'More room for the desk', run: () => room.widen() },
    { keys: ['t'], shown: 'T', group: 'Page', does: 'Dark, light, as the system', run: () => theme.next() },
    { keys: ['?', 'h'], shown: '?', group: 'Page', does: 'This help', run: () => room.help() },
    { keys: [], shown: 'Esc', group: 'Page', does: 'Leave a field or dialog', run: () => undefined },
  ];
}

function findSymbol(places: Places): void {
  places.show('symbols');
  part('symbols-filter').focus();
}

function goToMap(places: Places): void {
  places.show('map');
  part('map-panel').focus();
}
