// May this signal become an order? The picture that risk decides on is made here, of everything the desk knows.
import { ASK, BID } from '../../market/side.ts';
import type { Slot } from '../../market/units.ts';
import type { Ms } from '../../lib/brand.ts';
import { exposureOf } from '../../risk/exposure.ts';
import { decide } from '../../risk/gate.ts';
import { dayLossOf } from '../../risk/losses.ts';
import { positionSideOf } from '../../risk/plan.ts';
import { entryCounts, rejectCounts } from '../../risk/rates.ts';
import type { AccountFacts, Situation, SymbolFacts, SystemFacts } from '../../risk/situation.ts';
import type { AnalysisEvent } from '../../scan/event.ts';
import { signalIdOf } from '../../signal/signal-id.ts';
import type { Actor } from '../actor.ts';
import type { Core } from '../core.ts';
import { intentionOf } from './intention.ts';
import { sumOf } from '../trade/ledger.ts';
import type { SymbolRules } from '../watch/rules.ts';

export function offer(core: Core, actor: Actor, actors: Iterable<Actor>, signal: AnalysisEvent): void {
  const { symbol } = actor;
  const signalId = signalIdOf(symbol, signal);
  const rules = core.options.rules(symbol);
  const slot = core.slots.get(symbol);
  const verdict = (refusal: string | undefined, detail: string): void =>
    core.emit({ kind: 'verdict', symbol, signalId, refusal, detail });
  if (rules === undefined || slot === undefined) return verdict('G31 symbol_enabled', 'not watched');
  const { configHash } = rules;
  const situation = situationOf(core, actor, [...actors], { signalId, slot, symbol, signal, configHash }, rules);
  const decided = decide(situation);
  if (decided.kind === 'denied') return verdict(decided.denied, decided.detail);
  const linkId = core.nextLinkId('E');
  const { contract } = actor.ledger;
  const { extrema } = situation.symbol;
  const { leverage } = core.options.settings();
  actor.opening.submit(linkId, intentionOf(linkId, decided.entry, situation.offer, rules, contract, leverage, extrema));
  verdict(undefined, linkId);
}

function situationOf(
  core: Core,
  actor: Actor,
  actors: readonly Actor[],
  about: Situation['offer'],
  rules: SymbolRules,
): Situation {
  const { market } = core.options;
  return {
    now: core.now.mono,
    exchangeMs: core.clock === undefined ? undefined : core.serverMs,
    offer: about,
    settings: core.options.settings(),
    rules: rules.entry,
    system: systemFacts(core),
    account: accountFacts(core, actors),
    contract: core.contracts.get(actor.symbol),
    symbol: symbolFacts(core, actor, about.slot, about.signalId, about.signal, rules),
    book: market.readBook(about.slot, core.view) ? core.view : undefined,
  };
}

function systemFacts(core: Core): SystemFacts {
  const { facts, guard } = core;
  const { mode } = guard;
  return {
    mode: mode.mode,
    blocks: [...mode.blocks.keys()],
    killedInMemory: guard.isKilled,
    killedInJournal: guard.isKilledInJournal,
    killedByFile: facts.killedByFile,
    lockHeld: facts.lockHeld,
    twinSeen: core.isTwinSeen,
    privateUp: core.isPrivateUp,
    reconciledAt: core.reconciledAt,
    clock: core.clock,
    loopLagMs: facts.loopLagMs,
    journalWritable: facts.journalWritable,
    diskFreeBytes: facts.diskFreeBytes,
    entryTokens: core.tokens('entry'),
    maintenance: facts.maintenance,
  };
}

function accountFacts(core: Core, actors: readonly Actor[]): AccountFacts {
  const { wallet, guard, now } = core;
  const { losses, rates } = guard;
  const unrealised = sumOf(actors.map((actor) => actor.unrealised()));
  const leaving = actors.filter(({ orders }) => orders.entry?.state === 'draft').length;
  return {
    exposure: exposureOf([...core.beside, ...actors.flatMap((actor) => actor.ledger.exposed(actor.trade))]),
    wallet:
      wallet === undefined
        ? undefined
        : {
            equity: wallet.report.balance + wallet.report.unrealised,
            free: wallet.report.free,
            readAt: wallet.readAt,
          },
    day: dayLossOf(losses, unrealised),
    lossesInRow: losses.inRow,
    entries: entryCounts(rates, now.mono, leaving),
  };
}

function symbolFacts(
  core: Core,
  actor: Actor,
  slot: Slot,
  signalId: string,
  signal: AnalysisEvent,
  rules: SymbolRules,
): SymbolFacts {
  const { market } = core.options;
  const { symbol, orders, ledger } = actor;
  const { report } = ledger;
  const restedMs = Math.max(0, actor.opening.restUntil - core.now.mono);
  const cooldown = Math.max(core.guard.losses.cooldowns.get(symbol) ?? 0, restedMs > 0 ? core.serverMs + restedMs : 0);
  return {
    intent: orders.entry === undefined ? 'none' : orders.entry.state === 'unknown' ? 'unknown' : 'live',
    isHeld: actor.state !== 'flat' || actor.holding.size !== 0,
    signalUsed: core.isSignalUsed(signalId),
    cooldownUntil: cooldown as Ms,
    rejects: rejectCounts(core.guard.rates, symbol),
    isReduceOnly: core.now.mono < actor.opening.blockedUntil ? true : report?.isReduceOnly,
    leverage: report?.leverage,
    isIsolated: core.facts.isIsolated,
    isOneWay: report?.isOneWay,
    isMarginFixed: report?.isMarginFixed,
    isEnabled: rules.isEnabled,
    breakoutAllowed: rules.breakoutAllowed,
    bounceAllowed: rules.bounceAllowed,
    // Whether what is eaten is eaten, nobody can say either.
    lastTick: market.isDeaf(slot) ? undefined : market.last(slot),
    mark: market.mark(slot),
    counterTicks: market.densities(slot, positionSideOf(signal) === 'long' ? ASK : BID),
    extrema: market.extrema(slot),
  };
}
