// What is the page? Everything that is told goes to the view that shows it; everything that a person does goes to the engine.
import type { ToPage } from '../operator/page/protocol.ts';
import type { MarketView, SymbolView, Watching, Zoom } from '../operator/page/protocol-market.ts';
import type { PositionView, StatusView } from '../operator/page/protocol-status.ts';
import { BookView } from './book-view.ts';
import { Commands } from './commands.ts';
import { LogSheet } from './desk/log-sheet.ts';
import { PositionsSheet } from './desk/positions-sheet.ts';
import { SignalsSheet } from './desk/signals-sheet.ts';
import { SystemSheet } from './desk/system-sheet.ts';
import { Tabs } from './desk/tabs.ts';
import { TradesSheet } from './desk/trades-sheet.ts';
import { el, part, setText } from './element.ts';
import { words } from './format.ts';
import { HeaderView } from './header-view.ts';
import { Kept } from './kept.ts';
import { fillHelp, listenToKeys } from './keys.ts';
import { MapToolbar } from './map/toolbar.ts';
import { MapView } from './map/view.ts';
import { Places } from './places.ts';
import { Session } from './session.ts';
import { shortcutsOf } from './shortcuts.ts';
import { signIn } from './sign-in.ts';
import { Stream, type LinkState } from './stream.ts';
import { SymbolsView } from './symbols-view.ts';
import { Theme } from './theme.ts';
import { Toasts } from './toasts.ts';

const SYMBOL_KEY = 'plotnost.symbol';
/** A short break of the connection is no news. */
const OFFLINE_MS = 1_500;

class Page {
  readonly #session = new Session();
  readonly #kept = new Kept();
  readonly #toasts = new Toasts(part('toasts'));
  readonly #header = new HeaderView({
    mode: part('mode'),
    blocks: part('blocks'),
    link: part('link'),
    session: part('session'),
    facts: part('facts'),
  });
  readonly #commands = new Commands(part('commands'), part('confirm'), this.#session, this.#toasts);
  readonly #theme = new Theme(part('theme-button'), (colours) => {
    this.#map?.recolour(colours);
    this.#trades?.recolour(colours);
  });
  readonly #map: MapView;
  readonly #toolbar = new MapToolbar(part('map-head'), part('map-title'), () => this.#map);
  readonly #book = new BookView(part('book-body'), part('book-note'));
  readonly #symbols = new SymbolsView(part('symbols-body'), part<HTMLInputElement>('symbols-filter'), (symbol) =>
    this.#choose(symbol),
  );
  readonly #places = new Places(part('places'), part('room'));
  readonly #positions = new PositionsSheet({
    mayControl: () => this.#session.mayControl,
    onChoose: (symbol) => this.#choose(symbol),
    onClose: (symbol) => void this.#commands.close(symbol),
  });
  readonly #signals = new SignalsSheet((symbol) => this.#choose(symbol));
  readonly #trades: TradesSheet;
  readonly #system: SystemSheet;
  readonly #log = new LogSheet();
  readonly #tabs: Tabs;
  readonly #stream: Stream;
  #symbol: string | undefined;
  #zoom: Zoom = 1;
  #watching: Watching | undefined;
  #status: StatusView | undefined;
  #rows: readonly SymbolView[] = [];
  /** What was told up to here is no news. */
  #oldMs = Infinity;
  #offline: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    const colours = this.#theme.colours();
    this.#map = new MapView(part('map-body'), this.#kept, colours, {
      onZoom: (zoom) => this.#watch(this.#symbol, zoom),
      onFollow: (isFollowing) => this.#toolbar.following(isFollowing),
    });
    this.#trades = new TradesSheet(colours, (symbol) => this.#choose(symbol));
    this.#system = new SystemSheet(this.#map.frames);
    this.#tabs = new Tabs(part('desk-tabs'), part('desk-body'), [
      { id: 'positions', title: 'Positions', panel: this.#positions.panel },
      { id: 'signals', title: 'Signals', panel: this.#signals.panel, onShow: () => this.#showHappened() },
      { id: 'results', title: 'Results', panel: this.#trades.panel, onShow: () => this.#showHappened() },
      { id: 'system', title: 'System', panel: this.#system.panel },
      { id: 'log', title: 'Log', panel: this.#log.panel, onShow: () => this.#showHappened() },
    ]);
    const help = part<HTMLDialogElement>('help');
    const showHelp = (): void => {
      help.showModal();
      // Its only button stands below, has the focus, and would be scrolled to.
      help.scrollTop = 0;
    };
    const wide = part('wide-button');
    wide.title = 'More room for the desk (E)';
    wide.setAttribute('aria-label', 'More room for the desk');
    wide.addEventListener('click', () => this.#places.widen(wide));
    const shortcuts = shortcutsOf({
      map: this.#map,
      toolbar: this.#toolbar,
      symbols: this.#symbols,
      tabs: this.#tabs,
      places: this.#places,
      commands: this.#commands,
      theme: this.#theme,
      widen: () => this.#places.widen(wide),
      help: showHelp,
      held: () => this.#positionHere()?.symbol,
    });
    fillHelp(help, shortcuts);
    listenToKeys(shortcuts);
    part('help-button').addEventListener('click', showHelp);
    this.#stream = new Stream(
      location,
      {
        onMessage: (message) => this.#hear(message),
        onColumns: (columns) => this.#map.take(columns),
        onLink: (state) => this.#link(state),
      },
      (limit) => this.#session.renew(limit),
    );
  }

  async begin(): Promise<void> {
    this.#theme.begin();
    this.#link('connecting');
    const token = takeToken();
    if (token !== null) await this.#session.login(token);
    this.#stream.dial();
  }

  #hear(message: ToPage): void {
    switch (message.kind) {
      case 'hello':
        if (this.#status !== undefined) this.#oldMs = this.#kept.told.at(-1)?.atMs ?? 0;
        this.#kept.forget();
        if (message.session !== undefined) this.#header.session(message.session);
        return;
      case 'watching':
        // Who leafs on fast is still told of the symbol before.
        if (message.symbol !== this.#symbol) return;
        this.#watching = message;
        this.#toolbar.title(message.symbol);
        this.#map.watching(message);
        this.#book.watching(message);
        return;
      case 'not-watched':
        return this.#lose(message.symbol);
      case 'market':
        return this.#showMarket(message);
      case 'symbols':
        return this.#showSymbols(message.symbols);
      case 'status':
        return this.#showStatus(message);
      case 'latencies':
        return this.#system.latencies(message.latencies);
      case 'happened':
        this.#kept.take(message);
        for (const { atMs, level, name, symbol } of message.told) {
          if (level === 'critical' && atMs > this.#oldMs)
            this.#toasts.say(`${words(name)}${symbol === undefined ? '' : ` ${symbol}`}`, 'bad');
        }
        this.#oldMs = 0;
        return this.#showHappened();
    }
  }

  #showMarket(market: MarketView): void {
    this.#map.market(market);
    this.#book.show(market);
    const watching = this.#watching;
    if (watching === undefined || market.symbol !== watching.symbol) return;
    const row = this.#rows.find(({ symbol }) => symbol === market.symbol);
    this.#toolbar.show(market, watching, row?.changePercent);
  }

  #showSymbols(symbols: readonly SymbolView[]): void {
    this.#rows = symbols;
    this.#symbols.show(symbols);
    if (this.#symbol !== undefined || symbols.length === 0) return;
    const kept = sessionStorage.getItem(SYMBOL_KEY);
    const first = kept !== null && this.#symbols.has(kept) ? kept : this.#symbols.first;
    if (first !== undefined) this.#choose(first, false);
  }

  #showStatus(status: StatusView): void {
    this.#status = status;
    this.#header.show(status);
    this.#commands.show(status);
    this.#positions.show(status);
    this.#map.position(this.#positionHere());
    const positions = status.positions.length + status.unread.length;
    this.#tabs.count('positions', positions === 0 ? '' : String(positions));
    if (this.#tabs.shown === 'system') this.#system.show(status);
  }

  /** Only what is on top is drawn anew; the rest when it comes there. */
  #showHappened(): void {
    const { signals, trades, equity, log } = this.#kept;
    if (this.#tabs === undefined) return;
    if (this.#tabs.shown === 'signals') this.#signals.show(signals, this.#symbol);
    if (this.#tabs.shown === 'results') this.#trades.show(trades, equity, this.#status?.atMs ?? 0);
    if (this.#tabs.shown === 'log') this.#log.show(log);
  }

  #positionHere(): PositionView | undefined {
    return this.#status?.positions.find(({ symbol }) => symbol === this.#symbol);
  }

  #choose(symbol: string, isAsked = true): void {
    if (isAsked) this.#places.show('map');
    if (symbol === this.#symbol) return;
    sessionStorage.setItem(SYMBOL_KEY, symbol);
    this.#symbols.choose(symbol);
    this.#empty(symbol);
    this.#watch(symbol, 1);
    this.#showHappened();
  }

  #watch(symbol: string | undefined, zoom: Zoom): void {
    if (symbol === undefined) return;
    this.#symbol = symbol;
    this.#zoom = zoom;
    this.#map.position(this.#positionHere());
    this.#stream.watch({ kind: 'watch', symbol, zoom: this.#zoom });
  }

  #lose(symbol: string): void {
    if (symbol !== this.#symbol) return;
    this.#symbol = undefined;
    this.#empty('Depth map');
    this.#toasts.say(`${symbol} is not watched any more`);
    sessionStorage.removeItem(SYMBOL_KEY);
  }

  /** What is shown is another symbol's: where the book that is asked for has not come, nothing stands in for it. */
  #empty(title: string): void {
    this.#watching = undefined;
    this.#toolbar.title(title);
    this.#map.clear();
    this.#book.clear();
  }

  #link(state: LinkState): void {
    this.#header.link(state);
    // Whether this session may control is known by now.
    this.#commands.show(this.#status);
    const banner = part('offline');
    clearTimeout(this.#offline);
    if (state === 'up') {
      banner.hidden = true;
      return;
    }
    if (state === 'refused') {
      banner.hidden = true;
      void signIn(part('sign-in'), this.#session).then(() => this.#stream.open());
      return;
    }
    this.#offline = setTimeout(() => {
      banner.hidden = false;
      setText(
        banner,
        'No connection to the engine. What you see is old. On its host, in the folder of the clone: npx plotnost status',
      );
    }, OFFLINE_MS);
  }
}

/** Comes once in the address, and goes out of it at once. */
function takeToken(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token !== null) history.replaceState(null, '', location.pathname + location.search);
  return token;
}

function tellTrouble(error: unknown): void {
  part('toasts').append(el('div.toast', { 'data-tone': 'bad' }, String(error)));
}

new Page().begin().catch((error: unknown) => {
  tellTrouble(error);
  throw error;
});
