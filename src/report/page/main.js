/** Which page is shown, in which theme. */

const main = /** @type {HTMLElement} */ (document.getElementById('main'))

function pageOf(/** @type {string} */ hash) {
  const [, name, rest = ''] = /^#\/(\w*)\/?(.*)$/.exec(hash) ?? []
  if (name === 'agent') return agentPage(/^\d+$/.test(rest) ? Number(rest) : -1)
  return name === 'detection' ? detectionPage(rest) : overviewPage()
}

function show() {
  main.replaceChildren(...pageOf(location.hash).filter((part) => part !== undefined))
  document.title = `${main.querySelector('h1')?.textContent} – agentwarden report`
}

addEventListener('hashchange', () => {
  if (location.hash !== '' && !location.hash.startsWith('#/')) return
  show()
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

nameTheme()
show()
document.documentElement.dataset.ready = 'true'
