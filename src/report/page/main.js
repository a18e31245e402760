/** Which page is shown, in which theme. */

const main = /** @type {HTMLElement} */ (document.getElementById('main'))

/** @param {string} hash @returns {Promise<(Node | undefined)[]>} */
async function pageOf(hash) {
  const [, name, rest = ''] = /^#\/(\w*)\/?(.*)$/.exec(addressOf(hash).path) ?? []
  if (name === 'agent') return agentPage(/^\d+$/.test(rest) ? Number(rest) : -1)
  return name === 'detection' ? detectionPage(decoded(rest)) : overviewPage()
}

/** What an address means; itself if it was written by hand and means nothing. @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

let turn = 0

/** Shows the page of the address, unless another is asked for meanwhile. */
async function show() {
  const own = ++turn
  readFilter(location.hash)
  await searchable()
  const parts = await pageOf(location.hash)
  if (own !== turn) return
  main.replaceChildren(...parts.filter((part) => part !== undefined))
  document.title = `${main.querySelector('h1')?.textContent} – agentwarden report`
}

addEventListener('hashchange', async () => {
  if (location.hash !== '' && !location.hash.startsWith('#/')) return
  await show()
  main.focus({ preventScroll: true })
  scrollTo(0, 0)
})

/** The theme that is seen: what was chosen, else what the system prefers. */
const systemDark = matchMedia('(prefers-color-scheme: dark)')
const themeButton = /** @type {HTMLElement} */ (document.getElementById('theme'))

const isDark = () =>
  (document.documentElement.dataset.theme ?? (systemDark.matches ? 'dark' : 'light')) === 'dark'

function nameTheme() {
  themeButton.textContent = isDark() ? 'Light theme' : 'Dark theme'
}

themeButton.addEventListener('click', () => {
  document.documentElement.dataset.theme = isDark() ? 'light' : 'dark'
  nameTheme()
  show()
})
systemDark.addEventListener('change', () => {
  nameTheme()
  show()
})

const footer = /** @type {HTMLElement} */ (document.getElementById('footer'))
footer.append(
  ...index.missing.map((line) => el('p', { class: 'missing' }, line)),
  el(
    'p',
    {},
    `Made by agentwarden ${index.version} on ${timeText(index.made / 1000)} UTC. Charts by uPlot. Times are UTC. This file loads nothing from anywhere; it holds names and addresses from your logs.`,
  ),
)
const said = document.getElementById('period')
if (said) said.textContent = `${dayText(period.from)} to ${timeText(period.to)} UTC`

/** What could not be read is missing from the page: a file that was cut off on its way, a browser of before 2023. */
addEventListener('unhandledrejection', ({ reason }) => {
  const text = `A part of this report can't be read here: ${reason}`
  main.prepend(el('p', { class: 'missing', role: 'alert' }, text))
})

nameTheme()
show().then(() => {
  document.documentElement.dataset.ready = 'true'
})
