import { mailServer } from '../../../src/mail/smtp.js';

// Sends an e-mail to each of the servers that are named, in a process of its own: which authorities Node trusts
// (NODE_EXTRA_CA_CERTS) is read when it starts. Prints what became of each.

const results: string[] = [];
for (const [i, url] of process.argv.slice(2).entries()) {
  const server = mailServer({ url, from: 'ingam@notary.example' });
  try {
    const message = { language: 'en', subject: 'Lease', blocks: ['Secret words'] } as const;
    await server.send({ to: 'kim@example.com', messages: [message] }, String(i));
    results.push('sent');
  } catch (error) {
    results.push(error instanceof Error ? error.message : String(error));
  }
  server.close();
}
process.stdout.write(JSON.stringify(results));
