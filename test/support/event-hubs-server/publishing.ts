import rhea, { type AmqpError, type EventContext, type Message } from 'rhea'

/** The format of a message whose data sections are messages themselves. */
const BATCH = 0x80013700

/** Largest message that the service takes, in bytes: 1 MB. */
export const MAX_MESSAGE_SIZE = 1_048_576

/** The events of a message: one, or as many as its batch holds. What has a format of its own comes undecoded. */
export function eventsOf({ message, delivery }: EventContext): Message[] {
  if (delivery?.format !== BATCH) return [message!]
  const sections: Buffer | Buffer[] = decode(message as unknown as Buffer).body.content
  return [sections].flat().map(decode)
}

function decode(bytes: Buffer): Message {
  return rhea.message.decode(bytes) as unknown as Message
}

/** Tells the publisher whether its events were taken. */
export function settle({ delivery }: EventContext, refusal: AmqpError | undefined): void {
  if (refusal) delivery!.reject(refusal)
  else delivery!.accept()
}

/** What decides on the partition: the same key, the same partition. */
export function keyOf(event: Message): string | undefined {
  return event.message_annotations?.['x-opt-partition-key']
}
