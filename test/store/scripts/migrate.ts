import { migrate } from '../../../src/store/migrate.js';

// Applies the migrations of the database in argv, and prints how many that were.
const applied = await migrate(process.argv[2] ?? '');
console.log(applied.length);
