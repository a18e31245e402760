/**
 * `IPAddress|fieldref: agent.networks` in KQL: what `where/allowance.ts` says, over the columns of the watchlist. Never
 * null, like every condition.
 */
export function allowedText(column: string, field: string): string {
  return TEXTS.get(field)!(column)
}

/** The functions that such conditions call, by the fields that they name. */
export function allowanceFunctions(fields: readonly string[]): readonly string[] {
  return fields.includes('agent.hours') ? [HOURS] : []
}

/** The networks of each family apart: a function for the one does not know addresses of the other. */
const IPV4 = String.raw`extract_all(@"([0-9]+(?:\.[0-9]+){3}(?:/[0-9]+)?)", Agent_networks)`
const IPV6 = `extract_all(@"([0-9a-fA-F:]*:[0-9a-fA-F:./]*)", Agent_networks)`

const TEXTS: ReadonlyMap<string, (column: string) => string> = new Map([
  [
    'agent.networks',
    (column) =>
      `(coalesce(ipv4_is_in_any_range(${column}, ${IPV4}), false) or (${column} contains ":" and coalesce(ipv6_is_in_any_range(${column}, ${IPV6}), false)))`,
  ],
  [
    'agent.resources',
    (column) =>
      `(isnotempty(${column}) and set_has_element(split(tolower(Agent_resources), ";"), tolower(${column})))`,
  ],
  ['agent.hours', (column) => `coalesce(IsWithin(${column}, Agent_hours), false)`],
])

/** Hours that go over midnight belong to the day on which they begin. */
const HOURS = `let Days = dynamic(["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]);
let DayOf = (Time: datetime) { tostring(Days[toint(dayofweek(Time) / 1d)]) };
let IsOn = (Local: datetime, Clock: string, Hours: dynamic) {
    (strcmp(Clock, tostring(Hours["from"])) >= 0 and set_has_element(Hours.days, DayOf(Local))
        and (strcmp(tostring(Hours["from"]), tostring(Hours["to"])) >= 0 or strcmp(Clock, tostring(Hours["to"])) < 0))
    or (strcmp(tostring(Hours["from"]), tostring(Hours["to"])) >= 0 and strcmp(Clock, tostring(Hours["to"])) < 0 and set_has_element(Hours.days, DayOf(Local - 1d)))
};
let AtLocal = (Local: datetime, Hours: dynamic) { IsOn(Local, format_datetime(Local, "HH:mm"), Hours) };
let IsWithin = (Time: datetime, Hours: string) { AtLocal(datetime_utc_to_local(Time, tostring(parse_json(Hours).zone)), parse_json(Hours)) };`
