// How does a client move the stops of a position that is already open? In place for the whole of it, or one for a part.
import { type Client, livePosition } from './client.ts';
import { lotsIn, textOf, tickIn, wordOf, wrong } from './fields.ts';
import type { VenueCore } from './core.ts';
import { type LivePosition, sideOf } from './live-position.ts';
import { protectionOf, type LiveOrder, type Trail } from './live-order.ts';
import { addPartial, hasPartialRoom, setFull, TOO_MANY_PARTIALS } from './protection.ts';
import { givenOf, LEVELS, type Levels, priceOfTrigger, readLevels } from './protection-request.ts';
import { type ContractRequest, requestOf } from './access.ts';
import { emitChange } from './events.ts';
import { DONE, type Done, type Params } from './venue.ts';
import { isRefusal, type Refusal, refusal } from './model.ts';

export function setTradingStop(core: VenueCore, client: Client, params: Params): Done | Refusal {
  const request = requestOf(core, client, params);
  if (isRefusal(request)) return request;
  const { contract } = request;
  const tpslMode =
    wordOf(params, 'tpslMode', ['Full', 'Partial'] as const, undefined) ?? wrong('params error: tpslMode invalid');
  if (typeof tpslMode === 'object') return tpslMode;
  if (textOf(params, 'positionIdx') !== '0') return wrong('position idx not match position mode');
  const position = livePosition(client, contract.instrument);
  if (position.lots === 0) return wrong('can not set tp/sl/ts for zero position');
  const wanted = readLevels(request, tpslMode, sideOf(position.lots), ({ by }) => priceOfTrigger(core, contract, by));
  if (isRefusal(wanted)) return wanted;
  return tpslMode === 'Full' ? setWhole(request, position, wanted) : setPart(request, position, wanted);
}

function setWhole(request: ContractRequest, position: LivePosition, wanted: Levels): Done | Refusal {
  const { core, client, contract, params } = request;
  const trail = readTrail(request, position);
  if (typeof trail === 'object' && isRefusal(trail)) return trail;
  const changed: LiveOrder[] = [];
  for (const kind of LEVELS) {
    const level = wanted[kind];
    const current = protectionOf(position[kind]);
    if (level === undefined || (level === 'none' && current === undefined)) continue;
    if (level !== 'none' && level.tick === current?.tick && level.by === current.by) continue;
    changed.push(...setFull(core, client, position, kind, givenOf(level)));
  }
  if (trail === 'none') changed.push(...setFull(core, client, position, 'trailing', undefined));
  else if (trail !== undefined) changed.push(...setTrail(request, position, trail));
  if (changed.length === 0) {
    const named = [...LEVELS, 'trailingStop'].some((key) => textOf(params, key) !== undefined);
    return named
      ? refusal(34040, 'not modified')
      : wrong('params error: takeProfit, stopLoss or trailingStop is required');
  }
  emitChange(core, client, contract.instrument, changed);
  return DONE;
}

function readTrail(
  { contract, params }: ContractRequest,
  position: LivePosition,
): Trail | 'none' | undefined | Refusal {
  const ticks = tickIn(params, 'trailingStop', contract.instrument);
  if (ticks === undefined || typeof ticks === 'object') return ticks;
  const current = position.trailing?.own.trail;
  if (ticks === 0) return current === undefined ? undefined : 'none';
  const active = tickIn(params, 'activePrice', contract.instrument);
  if (typeof active === 'object') return active;
  const activeTick = active === 0 ? undefined : active;
  if (current?.ticks === ticks && current.activeTick === activeTick) return undefined;
  return { ticks, activeTick, isActive: activeTick === undefined };
}

function setTrail({ core, client, contract }: ContractRequest, position: LivePosition, trail: Trail): LiveOrder[] {
  const from = trail.activeTick ?? contract.matching.lastTick;
  const tick = Math.max(1, position.lots > 0 ? from - trail.ticks : from + trail.ticks);
  return setFull(core, client, position, 'trailing', { tick, by: 'LastPrice', limitTick: undefined }, { trail });
}

function setPart(request: ContractRequest, position: LivePosition, wanted: Levels): Done | Refusal {
  const { core, client, contract, params } = request;
  const { instrument } = contract;
  const [stopLoss, takeProfit] = [givenOf(wanted.stopLoss), givenOf(wanted.takeProfit)];
  if (stopLoss === undefined && takeProfit === undefined)
    return wrong('params error: takeProfit or stopLoss is required');
  const sizes = [
    ...(stopLoss === undefined ? [] : [lotsIn(params, 'slSize', instrument)]),
    ...(takeProfit === undefined ? [] : [lotsIn(params, 'tpSize', instrument)]),
  ];
  const [lots] = sizes;
  if (lots === undefined || lots === 0 || lots > Math.abs(position.lots)) return wrong('Qty invalid');
  if (sizes.some((size) => size !== lots)) return wrong('params error: tpSize and slSize must be equal');
  if (!hasPartialRoom(client, instrument.symbol, sizes.length)) return TOO_MANY_PARTIALS;
  const added = addPartial(core, client, position, { stopLoss, takeProfit }, lots);
  emitChange(core, client, instrument, added);
  return DONE;
}
