// Fills a chain with records, and prints what is in it and how long sealing took.
import { fillRecords, type RecordFilling } from '../harness/fill-records.js';

console.log(JSON.stringify(await fillRecords(JSON.parse(process.argv[2] ?? '') as RecordFilling)));
