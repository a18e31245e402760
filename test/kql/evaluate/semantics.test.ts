import { describe, expect, it } from 'vitest'
import { Data, KqlError, prepare } from '../../../src/kql/evaluate/index.js'
import { language } from '../../../src/kql/language.js'

const kql = language([])
const none = new Data(new Map())

/** The rows of a query over nothing but itself. */
function rowsOf(query: string): readonly (readonly unknown[])[] {
  return prepare(query, kql).run(none, { now: '2026-10-20T12:34:56Z' }).rows
}

/** What a scalar expression gives. */
const scalar = (expression: string) => rowsOf(`print v = ${expression}`)[0]![0]

/** From Microsoft's documentation of each function, unless a comment says otherwise. */
describe('a scalar expression', () => {
  it.each<[string, unknown]>([
    ['1 + 2 * 3', 7],
    ['7 / 2', 3],
    ['-7 / 2', -3],
    ['-7 % 3', 2],
    ['7.0 / 2', 3.5],
    ['9007199254740993 + 0', 9007199254740993n],
    ['9223372036854775807 - 9223372036854775806', 1],
    ['1h / 30m', 2],
    ['datetime(2020-02-28 23:59:59.9999999) + 1tick', '2020-02-29T00:00:00.0000000Z'],
    ['datetime(2020-01-02) - datetime(2020-01-01)', '1.00:00:00'],
    ['bin(datetime(2026-10-20 12:34:56), 1h)', '2026-10-20T12:00:00.0000000Z'],
    // 0001-01-01, from which bins count, was a Monday.
    ['bin(datetime(2026-10-22), 7d)', '2026-10-19T00:00:00.0000000Z'],
    ['bin(4.5, 1)', 4],
    ['bin(-5, 2)', -6],
    ['now()', '2026-10-20T12:34:56.0000000Z'],
    ['ago(1d)', '2026-10-19T12:34:56.0000000Z'],
    ['hourofday(now())', 12],
    ['dayofweek(datetime(2026-10-20))', '2.00:00:00'],
    // Germany is two hours ahead of UTC until 25 October 2026, 01:00, and one from then on.
    [
      "datetime_utc_to_local(datetime(2026-10-25 00:59:59.5), 'Europe/Berlin')",
      '2026-10-25T02:59:59.5000000Z',
    ],
    ["datetime_utc_to_local(datetime(2026-10-25 01:00), 'Europe/Berlin')", '2026-10-25T02:00:00.0000000Z'],
    ["datetime_utc_to_local(datetime(2026-10-20 20:00), 'Asia/Kathmandu')", '2026-10-21T01:45:00.0000000Z'],
    ['startofweek(datetime(2026-10-20))', '2026-10-18T00:00:00.0000000Z'],
    ['endofday(datetime(2026-10-20))', '2026-10-20T23:59:59.9999999Z'],
    ["datetime_diff('hour', datetime(2017-10-31 01:00), datetime(2017-10-30 23:59))", 2],
    ["datetime_diff('week', datetime(2017-10-29 23:59), datetime(2017-09-24))", 5],
    ["format_datetime(datetime(2026-01-02 15:04:05), 'yyyy-MM-dd [HH:mm:ss]')", '2026-01-02 [15:04:05]'],
    ['"agent-one" has "one"', true],
    ['"agent_one" has "one"', true],
    ['"agentone" has "one"', false],
    ['"AGENT" =~ "agent"', true],
    ['"abc" matches regex "^a.c$"', true],
    ['"x" in~ ("X", "Y")', true],
    ['"x" !in ("X", "Y")', true],
    ['5 in (dynamic([4, 5]))', true],
    ['"the quick fox" has_any ("dog", "fox")', true],
    ['"the quick fox" has_all ("dog", "fox")', false],
    ['3 between (1 .. 3)', true],
    ['3 !between (1 .. 3)', false],
    ['datetime(2026-01-02) between (datetime(2026-01-01) .. 1d)', true],
    ['iff(int(null) == 1, "yes", "no")', 'no'],
    ['case(1 > 2, "a", 2 > 1, "b", "c")', 'b'],
    ['coalesce(int(null), 3)', 3],
    ['isnull(tolong("x"))', true],
    ['isempty("")', true],
    ['isnotempty(dynamic(null))', false],
    ['strcat("a", 1, true)', 'a1True'],
    ['strcat_delim("-", "a", "b")', 'a-b'],
    ['substring("123456", 2, 2)', '34'],
    ['split("a_b_c", "_")', ['a', 'b', 'c']],
    ['replace_regex("Number is 1", "is (\\\\d+)", "was: \\\\1")', 'Number was: 1'],
    ['replace_string("a.b.c", ".", "$&")', 'a$&b$&c'],
    ['extract("x=([0-9.]+)", 1, "hello x=45.6|wo", typeof(real))', 45.6],
    [
      'extract_all("([a-z])([0-9])", "a1 b2")',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    ['trim("--", "--x--")', 'x'],
    ['indexof("abcdefg", "cde")', 2],
    // Characters are counted, of which some take two places in JavaScript.
    ['indexof("\u{1f600}\u{1f600}abcabc", "abc", 3)', 5],
    ['indexof("\u{1f600}abc", "abc", 0, 3)', -1],
    ['countof("The cat sat", "at")', 2],
    ['tostring(dynamic({"a": [1, 2.0, "x", true, null]}))', '{"a":[1,2.0,"x",true,null]}'],
    ['parse_json(\'{"a": {"b": [1, 2]}}\').a.b[-1]', 2],
    ['gettype(parse_json("1.0"))', 'real'],
    ['tolong(parse_json(\'{"a": "12"}\').a)', 12],
    ['array_length(dynamic([1, 2]))', 2],
    ['array_slice(dynamic([1, 2, 3, 4]), 1, -2)', [2, 3]],
    ['array_sort_asc(dynamic(["b", "a"]))', ['a', 'b']],
    ['array_index_of(dynamic(["a", "b"]), "b")', 1],
    ['set_difference(dynamic([1, 2, 2]), dynamic([1]))', [2]],
    ['set_union(dynamic([1, 2]), dynamic([2, 3]))', [1, 2, 3]],
    ['set_intersect(dynamic([1, 2]), dynamic([2, 3]))', [2]],
    ['set_has_element(dynamic(["a"]), "a")', true],
    ['bag_keys(dynamic({"a": 1, "b": 2}))', ['a', 'b']],
    ['bag_has_key(dynamic({"a": null}), "a")', true],
    ['bag_merge(dynamic({"a": 1}), dynamic({"a": 2, "b": 3}))', { a: 1, b: 3 }],
    ['bag_pack("a", 1, "b", "x")', { a: 1, b: 'x' }],
    // Keys come from data: one that means something to JavaScript is a key like others.
    ['tostring(bag_pack("__proto__", 1, "a", 2))', '{"__proto__":1,"a":2}'],
    ['tostring(bag_keys(bag_merge(bag_pack("__proto__", 1), bag_pack("__proto__", 2))))', '["__proto__"]'],
    ['ipv4_is_in_range("192.168.1.6", "192.168.1.1/24")', true],
    ['ipv4_is_in_any_range("10.0.0.1", dynamic(["192.168.0.0/16", "10.0.0.0/8"]))', true],
    ['ipv4_is_match("192.168.1.1/24", "192.168.1.255/24")', true],
    ['ipv4_compare("192.168.1.1", "192.168.1.2")', -1],
    ['ipv4_is_private("172.16.0.1")', true],
    ['parse_ipv4("192.1.168.2/24")', 3221334016],
    ['ipv6_is_in_range("2001:db8::1", "2001:db8::/32")', true],
    ['ipv6_is_in_range("::ffff:10.0.0.1", "10.0.0.0/8")', true],
    ['ipv6_compare("fe80::1", "fe80::1")', 0],
    ['hash_sha256("World")', '78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524'],
    ['base64_decode_tostring("S3VzdG8=")', 'Kusto'],
    ['url_decode("https%3a%2f%2fx")', 'https://x'],
    ['round(2.3456, 2)', 2.35],
    ['max_of(1, 3, 2)', 3],
    ['tobool("true")', true],
    ['toint("5.9")', null],
    ['toint(2.5)', 2],
    ['totimespan("1.02:03:04")', '1.02:03:04'],
    ['make_datetime(2026, 10, 20, 12, 30)', '2026-10-20T12:30:00.0000000Z'],
    ['unixtime_seconds_todatetime(1546300800)', '2019-01-01T00:00:00.0000000Z'],
    ['unixtime_seconds_todatetime(1546300800.5)', '2019-01-01T00:00:00.5000000Z'],
    ['unixtime_milliseconds_todatetime(1546300800000)', '2019-01-01T00:00:00.0000000Z'],
    ['unixtime_seconds_todatetime(999999999999999)', null], // after the year 9999
    ['binary_and(9007199254740995, 9007199254740993)', 9007199254740993n],
  ])('%s', (expression, value) => {
    expect(scalar(expression)).toEqual(value)
  })
})

const T =
  'let T = datatable(k: long, s: string, d: dynamic)[1, "a", dynamic([1, 2]), 2, "b", dynamic([]), 2, "", dynamic(null)];'

/** From the recorded answers of the real engine. */
describe('a query', () => {
  it.each<[string, unknown[][]]>([
    ['T | where not(k == long(null)) | count', [[3]]],
    ['print x = long(null) | where x != 1', [[null]]],
    ['print x = long(null) | where not(x > 0)', []],
    [
      'T | summarize n = count(), m = max(s), l = make_list(s) by k',
      [
        [1, 1, 'a', ['a']],
        [2, 2, 'b', ['b', '']],
      ],
    ],
    ['T | where k > 5 | summarize n = count(), x = sum(k), y = max(k)', [[0, 0, null]]],
    ['T | where k > 5 | summarize n = count() by k', []],
    [
      'T | summarize arg_max(s, *) by k | project k, s',
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    ['T | summarize r = sum(k) * 1.0 / count()', [[5 / 3]]],
    ['T | distinct k', [[1], [2]]],
    ['T | summarize b = make_bag(bag_pack("__proto__", k)) | project s = tostring(b)', [['{"__proto__":1}']]],
    [
      'T | mv-expand x = d to typeof(long) | project k, x',
      [
        [1, 1],
        [1, 2],
        [2, null],
      ],
    ],
    [
      'T | mv-apply x = d to typeof(long) on (summarize t = sum(x)) | project k, t',
      [
        [1, 3],
        [2, 0],
        [2, 0],
      ],
    ],
    ['T | sort by k desc, s asc | project s', [[''], ['b'], ['a']]],
    ['T | top 1 by s desc | project s', [['b']]],
    [
      'T | serialize n = row_number(), p = prev(k) | project n, p',
      [
        [1, null],
        [2, 1],
        [3, 2],
      ],
    ],
    [
      'T | join kind=leftouter (print k = 2, z = "z") on k | project k, z',
      [
        [1, ''],
        [2, 'z'],
        [2, 'z'],
      ],
    ],
    ['T | join kind=innerunique (print k = 2, z = "z") on k | project k, s', [[2, 'b']]],
    ['T | join kind=leftanti (print k = 2) on k | project k', [[1]]],
    ['T | join kind=rightanti (print k = 7) on $left.k == $right.k', [[7]]],
    [
      'T | join kind=fullouter (print k = 7) on k | project k, k1 | where isnull(k) or isnull(k1)',
      [
        [1, null],
        [2, null],
        [2, null],
        [null, 7],
      ],
    ],
    [
      'T | lookup kind=leftouter (print k = 1, z = 5) on k | project s, z',
      [
        ['a', 5],
        ['b', null],
        ['', null],
      ],
    ],
    [
      'union (print a = 1), (print a = 2, b = "x")',
      [
        [1, ''],
        [2, 'x'],
      ],
    ],
    ['union withsource=w isfuzzy=true T, Missing | summarize count() by w', [['union_arg0', 3]]],
    ['let f = (x: long, y: long = 10) { x * y }; T | project v = f(k)', [[10], [20], [20]]],
    ['let f = (X: (k: long), least: long) { X | where k >= least }; f(T, 2) | count', [[2]]],
    ['let f = (X: (*)) { X | where k >= 2 }; f(T) | count', [[2]]],
    ['let most = toscalar(T | summarize max(k)); T | where k == most | count', [[2]]],
    ['T | where k in ((T | where s == "a" | project k)) | count', [[1]]],
    ['let m = materialize(T | where k > 1); m | union m | count', [[4]]],
    ['range x from 1 to 7 step 3', [[1], [4], [7]]],
    ['T | as A | union A | count', [[6]]],
    [
      'T | extend k = k + 1, z = k | project k, z',
      [
        [2, 1],
        [3, 2],
        [3, 2],
      ],
    ],
    [
      'range t from 0 to 3 step 1 | make-series n = count() on t from 0 to 4 step 2',
      [
        [
          [2, 2],
          [0, 2],
        ],
      ],
    ],
  ])('%s', (query, rows) => {
    const text = query.startsWith('let') || query.includes('T') ? `${T}\n${query}` : query
    expect(rowsOf(text)).toEqual(rows)
  })
})

describe('what is not evaluated', () => {
  it.each([
    ['print\n  a = new_guid()', 'unsupported', 2, 7],
    ['print x = 1 | sample 1', 'unsupported', 1, 15],
    ['print x = "a" | parse x with y', 'unsupported', 1, 17],
    ['print a = rand()', 'unsupported', 1, 11],
    ['print decimal(1)', 'unsupported', 1, 7],
    ['print a = 1 | where b > 1', 'syntax', 1, 21],
    ['print a = 1 | where a == "1"', 'syntax', 1, 21],
    ['print a = 1 | where', 'syntax', 1, 20],
    ['print a = 1 | extend n = row_number()', 'syntax', 1, 15],
    ['Nothing | count', 'syntax', 1, 1],
    ['print a = dynamic({"x": "1"}) | where a.x == 1', 'runtime', 1, 39],
    ['print a = "x" | where a matches regex "(?=x)"', 'unsupported', 1, 0],
    ['print a = "x" | project b = todatetime("1/2/2026")', 'runtime', 1, 29],
    ['print a = unixtime_seconds_todatetime(1546300800.1234567)', 'runtime', 1, 11],
  ])('%j is refused as %s at %i:%i', (query, code, line, column) => {
    const error = errorOf(query)
    expect(error).toMatchObject(column === 0 ? { code } : { code, line, column })
  })
})

function errorOf(query: string): KqlError {
  try {
    rowsOf(query)
  } catch (error) {
    if (error instanceof KqlError) return error
    throw error
  }
  throw new Error('was not refused')
}
