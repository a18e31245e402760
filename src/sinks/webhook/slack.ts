import type { OutgoingAlert } from '../../daemon/sink.js'
import { factsOf } from './facts.js'

/** Slack reads these three as markup in any text; within plain text it reads nothing else. */
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** A message for a Slack incoming webhook, in Block Kit; only plain text, so that no value can format or mention. */
export function slackMessage(alert: OutgoingAlert): unknown {
  const { title, reason, facts, footer } = factsOf(alert)
  return {
    // Shown in notifications only. By itself it would be mrkdwn.
    text: escaped(title),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: plain(title) },
      { type: 'section', text: plain(reason) },
      { type: 'section', fields: facts.map(([label, value]) => plain(`${label}\n${value}`)) },
      { type: 'context', elements: [plain(footer)] },
    ],
  }
}

function plain(text: string): unknown {
  return { type: 'plain_text', text: escaped(text), emoji: false }
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => ENTITIES[character]!)
}
