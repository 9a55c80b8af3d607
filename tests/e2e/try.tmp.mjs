import { enterPrivateNamespaces } from './namespaces.mjs';
await enterPrivateNamespaces();
const { Stage } = await import('./stage.mjs');
const { Visitor } = await import('./visitor.mjs');
const { ended, running } = await import('./running.mjs');
import { execFileSync } from 'node:child_process';
const s = await Stage.open({ door:process.argv[2], build:'/tmp/w/build-demo', profiles:['fineid-v4','fineid-v3.1'] });
const [c,d]=s.cards;
const v=await Visitor.arrive(s,'en'); 
for (let i=0;i<12;i++) { await c.renew(); await c.command('block 11');
await v.askToIdentify(); await s.prompt.appear();
 try { await s.prompt.until('x',(p,t)=>/locked/.test(t)); } catch(e) { console.log(e.message); break; }
 await s.prompt.pressButton(/does not fit/); console.log(i, await v.problem()); await s.prompt.gone(); await s.idle();
}
console.log('python', running(/^python3/)); for (const p of running(/^python3/)) console.log(execFileSync('sh',['-c',`cat /proc/${p}/wchan; cat /proc/${p}/syscall; gdb -p ${p} -batch -ex bt 2>/dev/null | grep "^#" | head -34`]).toString());
await s.close('/tmp/w/demo/log'); process.exit(0);
