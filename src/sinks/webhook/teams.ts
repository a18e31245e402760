import type { OutgoingAlert } from '../../daemon/sink.js'
import { factsOf } from './facts.js'

/**
 * A message for a webhook of Teams Workflows ("post a card when a webhook request is received"): an Adaptive Card of
 * text runs only, which unlike text blocks and fact sets know no Markdown.
 */
export function teamsMessage(alert: OutgoingAlert): unknown {
  const { title, reason, facts, footer } = factsOf(alert)
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          body: [
            line(run(title, { weight: 'Bolder', size: 'Large' })),
            line(run(reason)),
            ...facts.map(([label, value]) => line(run(`${label}: `, { weight: 'Bolder' }), run(value))),
            line(run(footer, { isSubtle: true, size: 'Small' })),
          ],
        },
      },
    ],
  }
}

function line(...inlines: readonly unknown[]): unknown {
  return { type: 'RichTextBlock', inlines }
}

function run(text: string, look: Readonly<Record<string, unknown>> = {}): unknown {
  return { type: 'TextRun', text: literal(text), ...look }
}

/** `{{DATE(…)}}` and `${…}` are worked out by cards and templates; `<at>` names people. */
function literal(text: string): string {
  return text
    .replace(/\{(?=\{)/g, '{ ')
    .replaceAll('${', '$ {')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
}
