// `node --require`, for processes that live as long as a test: V8 optimizes what runs again and again only after ten times as much
// of it. Otherwise a tenth of a start would go into functions that are not called often enough afterwards.
const { setFlagsFromString } = process.getBuiltinModule('node:v8');

setFlagsFromString('--interrupt-budget=2000000');
