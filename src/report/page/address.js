/** The filter as a part of the page's address, so that what is looked at can be kept, and sent with the file. */

/** What of the alerts is looked at: seconds since 1970, to is not included. */
const NO_FILTER = {
  text: '',
  detection: -1,
  severity: 0,
  from: Number.NEGATIVE_INFINITY,
  to: Number.POSITIVE_INFINITY,
}
const filter = { ...NO_FILTER }

/** Path and filter of an address, `#/agent/3?severity=high`. @param {string} hash */
function addressOf(hash) {
  const at = hash.indexOf('?')
  const path = at < 0 ? hash : hash.slice(0, at)
  return { path, query: new URLSearchParams(at < 0 ? '' : hash.slice(at + 1)) }
}

/** Takes over the filter of an address; what can't be read limits nothing. @param {string} hash */
function readFilter(hash) {
  const { query } = addressOf(hash)
  const time = (/** @type {string} */ name, /** @type {number} */ none) => {
    const ms = Date.parse(query.get(name) ?? '')
    return Number.isNaN(ms) ? none : ms / 1000
  }
  Object.assign(filter, {
    text: query.get('search') ?? '',
    detection: index.detections.findIndex(({ id }) => id === query.get('detection')),
    severity: Math.max(0, SEVERITIES.indexOf(query.get('severity') ?? '')),
    from: time('from', NO_FILTER.from),
    to: time('to', NO_FILTER.to),
  })
}

/** A path with the present filter. @param {string} path */
function withFilter(path) {
  const query = new URLSearchParams()
  if (filter.text.trim() !== '') query.set('search', filter.text.trim())
  if (filter.detection >= 0) query.set('detection', index.detections[filter.detection]?.id ?? '')
  if (filter.severity > 0) query.set('severity', SEVERITIES[filter.severity] ?? '')
  if (filter.from > NO_FILTER.from) query.set('from', `${inputTime(filter.from)}Z`)
  if (filter.to < NO_FILTER.to) query.set('to', `${inputTime(filter.to)}Z`)
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}

/** Puts the filter into the page's address and into all links of the page. */
function writeFilter() {
  history.replaceState(null, '', withFilter(addressOf(location.hash).path || '#/'))
  for (const link of document.querySelectorAll('a[href^="#/"]'))
    link.setAttribute('href', withFilter(addressOf(link.getAttribute('href') ?? '').path))
}

/** 2026-11-20T03:04, as fields for times have it. @param {number} seconds since 1970 */
const inputTime = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 16)

/** The times that the filter leaves of the period, in seconds since 1970. */
function wantedPeriod() {
  const from = Math.min(Math.max(period.from, filter.from), period.to)
  return { from, to: Math.max(Math.min(period.to, filter.to), from) }
}
