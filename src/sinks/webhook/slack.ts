import type { OutgoingAlert } from '../../daemon/sink.js'
import { factsOf } from './facts.js'

/** Slack reads these three as markup in any text; within plain text it reads nothing else. */
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** Slack's limits on a header, a section and a field of it, in characters. It refuses a message that goes beyond. */
const [HEADER, SECTION, FIELD] = [150, 3_000, 2_000]

/** A message for a Slack incoming webhook, in Block Kit; only plain text, so that no value can format or mention. */
export function slackMessage(alert: OutgoingAlert): unknown {
  const { title, reason, facts, footer } = factsOf(alert)
  return {
    // Shown in notifications only. By itself it would be mrkdwn.
    text: escaped(title, HEADER),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: plain(title, HEADER) },
      { type: 'section', text: plain(reason, SECTION) },
      { type: 'section', fields: facts.map(([label, value]) => plain(`${label}\n${value}`, FIELD)) },
      { type: 'context', elements: [plain(footer, FIELD)] },
    ],
  }
}

function plain(text: string, most: number): unknown {
  return { type: 'plain_text', text: escaped(text, most), emoji: false }
}

/** Not longer than `most` once it is escaped: otherwise a name could be chosen so that its alert is refused. */
function escaped(text: string, most: number): string {
  const whole = text.replace(/[&<>]/g, (character) => ENTITIES[character]!)
  return whole.length <= most ? whole : `${whole.slice(0, most - 1).replace(/&\w*$|\p{Cs}$/u, '')}…`
}
