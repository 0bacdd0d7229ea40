// What does a text say, in a line that a person can read? Only what orders, stops and positions are about.
const TOLD =
  /"(topic|op|retCode|symbol|side|size|qty|orderStatus|orderLinkId|parentOrderLinkId|stopLoss|stopOrderType|triggerPrice|execQty|execPrice|execType|createType|cancelType|rejectReason|reduceOnly|nextPageCursor)":("[^"]*"|[^,}\]]*)/g;
/** Rows of a long answer that are shown. */
const ROWS_MAX = 12;
const ROW = /\{[^{}]*\}/g;

/** Undefined for a text that tells a reader nothing. */
export function brief(text: string): string | undefined {
  if (
    /market\/(time|kline|orderbook|tickers|instruments)|"timeNano"|"op":"(ping|pong)"|"price24hPcnt"|"totalEquity"/.test(
      text,
    )
  )
    return undefined;
  const head = /^(GET|POST) [^\n?]+(\?.*)?/.exec(text)?.[0] ?? '';
  const rows = text.match(ROW) ?? [];
  const parts = rows.slice(0, ROWS_MAX).map((row) => tell(row));
  const around = tell(text.replaceAll(ROW, ''));
  return [head, around, ...parts].filter((part) => part !== '').join(' | ');
}

function tell(text: string): string {
  return [...text.matchAll(TOLD)]
    .map(([, name, value = '']) => [name, value.replaceAll('"', '')] as const)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
