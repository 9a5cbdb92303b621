"use strict";(()=>{function N(e){let t=document.getElementById(e);if(!t)throw new Error("the page has no element "+e);return t}function v(e,t={},...n){let l=document.createElement(
e);for(let[o,i]of Object.entries(t))i==null||i===!1||l.setAttribute(o,i===!0?"":String(i));return l.append(...n.filter(o=>o!=null)),l}function fn(e,t){for(let[n,
l]of Object.entries(t))e.addEventListener(n,l);return e}function dn(e,t,n={}){return fn(v("button",{type:"button",...n},e),{click:t})}function Cn(e,t,n,l=1){let o=r=>r>=
l?"number":null,i=(r,f)=>v("th",{scope:"col",class:o(f)},r),u=(r,f)=>v(f?"td":"th",{scope:f?null:"row",class:o(f)},r);return v("table",{},v("caption",{},e),t&&v(
"thead",{},v("tr",{},...t.map(i))),v("tbody",{},...n.map(r=>v("tr",{},...r.map(u)))))}function Xt(e,t,n=""){return v("div",{class:("scroll "+n).trim(),role:"reg\
ion",tabindex:"0","aria-label":e},t)}function Mt(e){return e.length?v("ul",{class:"lines"},...e.map(t=>v("li",{},t))):null}function Al(e){return v("dl",{class:"\
facts-table"},...e.flatMap(([t,n])=>[v("dt",{},t),v("dd",{},n)]))}function Y(e,t){e.textContent!==t&&(e.textContent=t)}var Bi=new WeakMap;function ge(e,t,n){let l=JSON.
stringify(t);Bi.get(e)!==l&&(Bi.set(e,l),e.replaceChildren(...n().filter(o=>o!=null)))}var Gi=new WeakMap;function W(e,t,n="div",l={}){let o=Gi.get(e)??new Map;
Gi.set(e,o);let i=o.get(t);return i||(i=e.appendChild(v(n,l)),o.set(t,i)),i}function jt(e){Y(N("spoken"),e)}var rs=new Intl.NumberFormat("en-US",{maximumFractionDigits:0}),ce=e=>typeof e=="number"&&Number.isFinite(e);function ve(e){return ce(e)?rs.format(e):"–"}function ne(e){
if(!ce(e))return"–";let t=Math.round(Math.abs(e)*1e6),n=1;for(;t/n>=1e3&&n<1e9;)n*=10;let l=Math.floor((t+Math.floor(n/2))/n)*n;if(l===0)return"0";let[o,i]=l<
1e3?[1,"ns"]:l<1e6?[1e3,"us"]:l<1e9?[1e6,"ms"]:[1e9,"s"];return(e<0?"-":"")+Number((l/o).toPrecision(12))+i}function Xe(e){if(!ce(e))return"–";let t=n=>(Math.
round(e*10**n)/10**n).toFixed(n);return(e>=1e4?rs.format(Math.round(e)):t(e>=100?1:2))+"/s"}function ht(e){if(!ce(e))return"–";if(e<60)return Math.round(e*10)/
10+" s";let t=Math.round(e),[n,l,o]=[Math.floor(t/3600),Math.floor(t/60)%60,t%60];return[n?n+" h":"",l?l+" min":"",o?o+" s":""].filter(Boolean).join(" ")}function Pt(e,t){
if(t<=180)return Number(e.toFixed(1))+" s";let n=Math.round(e),[l,o,i]=[Math.floor(n/3600),Math.floor(n/60)%60,String(n%60).padStart(2,"0")];return l?l+":"+String(
o).padStart(2,"0")+":"+i:o+":"+i}function En(e){if(e>=1)return"max";let t=10**Math.max(0,Math.min(6,Math.ceil(-Math.log10(1-e)-1e-9)-1));return Math.round(e*100*
t)/t+"%"}function Ht(e){return e===0?"0":ne(e)}function sl(e){return Math.abs(e)>=999.5?rs.format(e):String(Number(e.toPrecision(3)))}function po(e){let t=new Date(
e);return Number.isNaN(t.getTime())?e:t.toISOString().slice(0,19).replace("T"," ")+" UTC"}function Rn(e,t,n=t+"s"){return ve(e)+" "+(e===1?t:n)}var Ft=e=>e.replaceAll(
"_"," ");var Yi=.001,as=e=>e.filter(ce),pn=e=>ce(e)?Math.max(e,Yi):null;function ze(e){let t=null;for(let n of e)ce(n)&&(t===null||n>t)&&(t=n);return t}function en(e){let t=null;
for(let n of e)ce(n)&&(t===null||n<t)&&(t=n);return t}function mn(e){return as(e).reduce((t,n)=>t+n,0)}function Pl(e,t){let{at:n,lengths:l}=e,o=n.length>1?n[1]-
n[0]:l[0]??1,i=n.length-1,u=p=>p.map((w,h)=>ce(w)?w/l[h]:null),r=p=>p.map((w,h)=>e.whole[h]?w:null),f=Object.keys(e.failures).filter(p=>mn(e.failures[p])>0);return{
at:n,step:o,end:n.length?n[i]+l[i]:0,kinds:f,middle:n.map((p,w)=>p+(w===i?o:l[w])/2),planned:e.planned&&r(u(e.planned)),users:e.users,inFlight:e.in_flight,connections:e.
connections,sent:r(u(e.sent)),completed:r(u(e.completed)),dropped:u(e.dropped),failures:Object.fromEntries(f.map(p=>[p,u(e.failures[p])])),p50:e.p50,p90:e.p90,p99:e.
p99,p99_9:e.p99_9,max:e.max,heat:t.seconds,edges:t.edges.map(p=>Math.max(p,Yi)),waits:[],failuresOnly:!1}}function us({at:e,lengths:t,lines:n},l){let o=e.map((i,u)=>i+
t[u]/2);return{...l,at:e,step:t[0]??1,middle:o,waits:n}}var tn=e=>e.against?.points??[],cs=(e,t)=>e.against?.load==="users"?sl(t)+" users":Xe(t),Qu=[{key:"p50",label:"p50",colour:"p50"},{key:"p90",label:"p90",colour:"\
p90"},{key:"p99",label:"p99",colour:"p99",width:2.2}],Ki={key:"against",heading:"Latency by load",hint:"each point contains all measured seconds of about the sa\
me load",labelX:e=>e.against?.load==="users"?"users":"planned requests per second",labelY:"latency",height:260,points:!0,tick:Ht,format:ne,log:(e,t)=>{let[n,l]=[
en(tn(t).map(o=>o.p50)),ze(tn(t).map(o=>o.p99))];return n!==null&&l!==null&&n>0&&l/n>20},draw:(e,t)=>t.against?Qu.map(n=>({...n,values:tn(t).map(l=>pn(l[n.key]))})):
null,x:(e,t)=>tn(t).map(n=>n.load),rangeX:(e,t,n)=>e.zoomed??[t,n],axisX:()=>({values:(e,t)=>t.map(sl)}),place:(e,t)=>cs(e.model,tn(e.model)[t].load),describe:(e,t)=>{
let[n,l]=[tn(t)[0],tn(t)[tn(t).length-1]],o=i=>cs(t,i.load)+" p50 "+ne(i.p50)+", p99 "+ne(i.p99);return"Chart of latency by load: at "+o(n)+"; at "+o(l)+"."},rows:(e,t)=>({
columns:[t.against?.load??"load","seconds","completed","p50","p90","p99"],rows:tn(t).map(n=>[cs(t,n.load),ve(n.seconds),Xe(n.completed),ne(n.p50),ne(n.p90),ne(n.
p99)]),note:null})};var Xu="uplot",ec="u-hz",tc="u-vt",nc="u-title",lc="u-wrap",oc="u-under",sc="u-over",ic="u-axis",An="u-off",rc="u-select",ac="u-cursor-x",uc="u-cursor-y",cc="u-\
cursor-pt",fc="u-legend",dc="u-live",pc="u-inline",mc="u-series",hc="u-marker",ji="u-label",gc="u-value",Fl="width",Ol="height";var Ui="bottom",il="left",fs="right",Cs="#000",Zi=Cs+"0",ds="mousemove",Ji="mousedown",ps="mouseup",$i="mouseenter",Qi="mouseleave",Xi="dblclick",wc="resize",bc="\
scroll",er="change",bo="dppxchange",Es="--",pl=typeof window<"u",bs=pl?document:null,al=pl?window:null,yc=pl?navigator:null,fe,mo;function ys(){let e=devicePixelRatio;
fe!=e&&(fe=e,mo&&xs(er,mo,ys),mo=matchMedia(`(min-resolution: ${fe-.001}dppx) and (max-resolution: ${fe+.001}dppx)`),Pn(er,mo,ys),al.dispatchEvent(new CustomEvent(
bo)))}function gt(e,t){if(t!=null){let n=e.classList;!n.contains(t)&&n.add(t)}}function vs(e,t){let n=e.classList;n.contains(t)&&n.remove(t)}function Me(e,t,n){
e.style[t]=n+"px"}function Ot(e,t,n,l){let o=bs.createElement(e);return t!=null&&gt(o,t),n?.insertBefore(o,l),o}function _t(e,t){return Ot("div",e,t)}var tr=new WeakMap;
function Ut(e,t,n,l,o){let i="translate("+t+"px,"+n+"px)",u=tr.get(e);i!=u&&(e.style.transform=i,tr.set(e,i),t<0||n<0||t>l||n>o?gt(e,An):vs(e,An))}var nr=new WeakMap;
function lr(e,t,n){let l=t+n,o=nr.get(e);l!=o&&(nr.set(e,l),e.style.background=t,e.style.borderColor=n)}var or=new WeakMap;function sr(e,t,n,l){let o=t+""+n,i=or.
get(e);o!=i&&(or.set(e,o),e.style.height=n+"px",e.style.width=t+"px",e.style.marginLeft=l?-t/2+"px":0,e.style.marginTop=l?-n/2+"px":0)}var Rs={passive:!0},vc={...Rs,
capture:!0};function Pn(e,t,n,l){t.addEventListener(e,n,l?vc:Rs)}function xs(e,t,n,l){t.removeEventListener(e,n,Rs)}pl&&ys();function Nt(e,t,n,l){let o;n=n||0,l=
l||t.length-1;let i=l<=2147483647;for(;l-n>1;)o=i?n+l>>1:wt((n+l)/2),t[o]<e?n=o:l=o;return e-t[n]<=t[l]-e?n:l}function Ar(e){return(n,l,o)=>{let i=-1,u=-1;for(let r=l;r<=
o;r++)if(e(n[r])){i=r;break}for(let r=o;r>=l;r--)if(e(n[r])){u=r;break}return[i,u]}}var Pr=e=>e!=null,Hr=e=>e!=null&&e>0,xo=Ar(Pr),xc=Ar(Hr);function kc(e,t,n,l=0,o=!1){
let i=o?xc:xo,u=o?Hr:Pr;[t,n]=i(e,t,n);let r=e[t],f=e[t];if(t>-1)if(l==1)r=e[t],f=e[n];else if(l==-1)r=e[n],f=e[t];else for(let p=t;p<=n;p++){let w=e[p];u(w)&&(w<
r?r=w:w>f&&(f=w))}return[r??we,f??-we]}function ko(e,t,n,l){let o=ar(e),i=ar(t);e==t&&(o==-1?(e*=n,t/=n):(e/=n,t*=n));let u=n==10?nn:Fr,r=o==1?wt:Lt,f=i==1?Lt:wt,
p=r(u(Be(e))),w=f(u(Be(t))),h=ul(n,p),b=ul(n,w);return n==10&&(p<0&&(h=be(h,-p)),w<0&&(b=be(b,-w))),l||n==2?(e=h*o,t=b*i):(e=Ir(e,h),t=To(t,b)),[e,t]}function Vs(e,t,n,l){
let o=ko(e,t,n,l);return e==0&&(o[0]=0),t==0&&(o[1]=0),o}var Ds=.1,ir={mode:3,pad:Ds},Wl={pad:0,soft:null,mode:0},Tc={min:Wl,max:Wl};function yo(e,t,n,l){return So(
n)?rr(e,t,n):(Wl.pad=n,Wl.soft=l?0:null,Wl.mode=l?3:0,rr(e,t,Tc))}function ae(e,t){return e??t}function Sc(e,t,n){for(t=ae(t,0),n=ae(n,e.length-1);t<=n;){if(e[t]!=
null)return!0;t++}return!1}function rr(e,t,n){let l=n.min,o=n.max,i=ae(l.pad,0),u=ae(o.pad,0),r=ae(l.hard,-we),f=ae(o.hard,we),p=ae(l.soft,we),w=ae(o.soft,-we),
h=ae(l.mode,0),b=ae(o.mode,0),L=t-e,T=nn(L),D=it(Be(e),Be(t)),q=nn(D),B=Be(q-T);(L<1e-24||B>10)&&(L=0,(e==0||t==0)&&(L=1e-24,h==2&&p!=we&&(i=0),b==2&&w!=-we&&(u=
0)));let S=L||D||1e3,z=nn(S),M=ul(10,wt(z)),Q=S*(L==0?e==0?.1:1:i),A=be(Ir(e-Q,M/10),24),X=e>=p&&(h==1||h==3&&A<=p||h==2&&A>=p)?p:we,Z=it(r,A<X&&e>=X?X:Wt(X,A)),
le=S*(L==0?t==0?.1:1:u),U=be(To(t+le,M/10),24),_=t<=w&&(b==1||b==3&&U>=w||b==2&&U<=w)?w:-we,$=Wt(f,U>_&&t<=_?_:it(_,U));return Z==$&&Z==0&&($=100),[Z,$]}var Mc=new Intl.
NumberFormat(pl?yc.language:"en-US"),As=e=>Mc.format(e),bt=Math,wo=bt.PI,Be=bt.abs,wt=bt.floor,qe=bt.round,Lt=bt.ceil,Wt=bt.min,it=bt.max,ul=bt.pow,ar=bt.sign,nn=bt.
log10,Fr=bt.log2,_c=(e,t=1)=>bt.sinh(e)*t,ms=(e,t=1)=>bt.asinh(e/t),we=1/0;function ur(e){return(nn((e^e>>31)-(e>>31))|0)+1}function ks(e,t,n){return Wt(it(e,t),
n)}function Or(e){return typeof e=="function"}function oe(e){return Or(e)?e:()=>e}var Lc=()=>{},Nr=e=>e,Wr=(e,t)=>t,Cc=e=>null,cr=e=>!0,fr=(e,t)=>e==t,Ec=/\.\d*?(?=9{6,}|0{6,})/gm,
Hn=e=>{if(qr(e)||gn.has(e))return e;let t=`${e}`,n=t.match(Ec);if(n==null)return e;let l=n[0].length-1;if(t.indexOf("e-")!=-1){let[o,i]=t.split("e");return+`${Hn(
o)}e${i}`}return be(e,l)};function Vn(e,t){return Hn(be(Hn(e/t))*t)}function To(e,t){return Hn(Lt(Hn(e/t))*t)}function Ir(e,t){return Hn(wt(Hn(e/t))*t)}function be(e,t=0){
if(qr(e))return e;let n=10**t,l=e*n*(1+Number.EPSILON);return qe(l)/n}var gn=new Map;function zr(e){return((""+e).split(".")[1]||"").length}function zl(e,t,n,l){
let o=[],i=l.map(zr);for(let u=t;u<n;u++){let r=Be(u),f=be(ul(e,u),r);for(let p=0;p<l.length;p++){let w=e==10?+`${l[p]}e${u}`:l[p]*f,h=(u>=0?0:r)+(u>=i[p]?0:i[p]),
b=e==10?w:be(w,h);o.push(b),gn.set(b,h)}}return o}var Il={},Ps=[],cl=[null,null],hn=Array.isArray,qr=Number.isInteger,Rc=e=>e===void 0;function dr(e){return typeof e==
"string"}function So(e){let t=!1;if(e!=null){let n=e.constructor;t=n==null||n==Object}return t}function Vc(e){return e!=null&&typeof e=="object"}var Dc=Object.getPrototypeOf(
Uint8Array),Br="__proto__";function fl(e,t=So){let n;if(hn(e)){let l=e.find(o=>o!=null);if(hn(l)||t(l)){n=Array(e.length);for(let o=0;o<e.length;o++)n[o]=fl(e[o],
t)}else n=e.slice()}else if(e instanceof Dc)n=e.slice();else if(t(e)){n={};for(let l in e)l!=Br&&(n[l]=fl(e[l],t))}else n=e;return n}function Fe(e){let t=arguments;
for(let n=1;n<t.length;n++){let l=t[n];for(let o in l)o!=Br&&(So(e[o])?Fe(e[o],fl(l[o])):e[o]=fl(l[o]))}return e}var Ac=0,Pc=1,Hc=2;function Fc(e,t,n){for(let l=0,
o,i=-1;l<t.length;l++){let u=t[l];if(u>i){for(o=u-1;o>=0&&e[o]==null;)e[o--]=null;for(o=u+1;o<n&&e[o]==null;)e[i=o++]=null}}}function Oc(e,t){if(Ic(e)){let u=e[0].
slice();for(let r=1;r<e.length;r++)u.push(...e[r].slice(1));return zc(u[0])||(u=Wc(u)),u}let n=new Set;for(let u=0;u<e.length;u++){let f=e[u][0],p=f.length;for(let w=0;w<
p;w++)n.add(f[w])}let l=[Array.from(n).sort((u,r)=>u-r)],o=l[0].length,i=new Map;for(let u=0;u<o;u++)i.set(l[0][u],u);for(let u=0;u<e.length;u++){let r=e[u],f=r[0];
for(let p=1;p<r.length;p++){let w=r[p],h=Array(o).fill(void 0),b=t?t[u][p]:Pc,L=[];for(let T=0;T<w.length;T++){let D=w[T],q=i.get(f[T]);D===null?b!=Ac&&(h[q]=D,
b==Hc&&L.push(q)):h[q]=D}Fc(h,L,o),l.push(h)}}return l}var Nc=typeof queueMicrotask>"u"?e=>Promise.resolve().then(e):queueMicrotask;function Wc(e){let t=e[0],n=t.
length,l=Array(n);for(let i=0;i<l.length;i++)l[i]=i;l.sort((i,u)=>t[i]-t[u]);let o=[];for(let i=0;i<e.length;i++){let u=e[i],r=Array(n);for(let f=0;f<n;f++)r[f]=
u[l[f]];o.push(r)}return o}function Ic(e){let t=e[0][0],n=t.length;for(let l=1;l<e.length;l++){let o=e[l][0];if(o.length!=n)return!1;if(o!=t){for(let i=0;i<n;i++)
if(o[i]!=t[i])return!1}}return!0}function zc(e,t=100){let n=e.length;if(n<=1)return!0;let l=0,o=n-1;for(;l<=o&&e[l]==null;)l++;for(;o>=l&&e[o]==null;)o--;if(o<=
l)return!0;let i=it(1,wt((o-l+1)/t));for(let u=e[l],r=l+i;r<=o;r+=i){let f=e[r];if(f!=null){if(f<=u)return!1;u=f}}return!0}var Gr=["January","February","March",
"April","May","June","July","August","September","October","November","December"],Yr=["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"];function Kr(e){
return e.slice(0,3)}var qc=Yr.map(Kr),Bc=Gr.map(Kr),Gc={MMMM:Gr,MMM:Bc,WWWW:Yr,WWW:qc};function Hl(e){return(e<10?"0":"")+e}function Yc(e){return(e<10?"00":e<100?
"0":"")+e}var Kc={YYYY:e=>e.getFullYear(),YY:e=>(e.getFullYear()+"").slice(2),MMMM:(e,t)=>t.MMMM[e.getMonth()],MMM:(e,t)=>t.MMM[e.getMonth()],MM:e=>Hl(e.getMonth()+
1),M:e=>e.getMonth()+1,DD:e=>Hl(e.getDate()),D:e=>e.getDate(),WWWW:(e,t)=>t.WWWW[e.getDay()],WWW:(e,t)=>t.WWW[e.getDay()],HH:e=>Hl(e.getHours()),H:e=>e.getHours(),
h:e=>{let t=e.getHours();return t==0?12:t>12?t-12:t},AA:e=>e.getHours()>=12?"PM":"AM",aa:e=>e.getHours()>=12?"pm":"am",a:e=>e.getHours()>=12?"p":"a",mm:e=>Hl(e.
getMinutes()),m:e=>e.getMinutes(),ss:e=>Hl(e.getSeconds()),s:e=>e.getSeconds(),fff:e=>Yc(e.getMilliseconds())};function Hs(e,t){t=t||Gc;let n=[],l=/\{([a-z]+)\}|[^{]+/gi,
o;for(;o=l.exec(e);)n.push(o[0][0]=="{"?Kc[o[1]]:o[0]);return i=>{let u="";for(let r=0;r<n.length;r++)u+=typeof n[r]=="string"?n[r]:n[r](i,t);return u}}var jc=new Intl.
DateTimeFormat().resolvedOptions().timeZone;function Uc(e,t){let n;return t=="UTC"||t=="Etc/UTC"?n=new Date(+e+e.getTimezoneOffset()*6e4):t==jc?n=e:(n=new Date(
e.toLocaleString("en-US",{timeZone:t})),n.setMilliseconds(e.getMilliseconds())),n}var jr=e=>e%1==0,vo=[1,2,2.5,5],Zc=zl(10,-32,0,vo),Ur=zl(10,0,32,vo),Jc=Ur.filter(
jr),Dn=Zc.concat(Ur),Fs=`
`,Zr="{YYYY}",pr=Fs+Zr,Jr="{M}/{D}",Nl=Fs+Jr,ho=Nl+"/{YY}",$r="{aa}",$c="{h}:{mm}",rl=$c+$r,mr=Fs+rl,hr=":{ss}",pe=null;function Qr(e){let t=e*1e3,n=t*60,l=n*60,
o=l*24,i=o*30,u=o*365,f=(e==1?zl(10,0,3,vo).filter(jr):zl(10,-3,0,vo)).concat([t,t*5,t*10,t*15,t*30,n,n*5,n*10,n*15,n*30,l,l*2,l*3,l*4,l*6,l*8,l*12,o,o*2,o*3,o*
4,o*5,o*6,o*7,o*8,o*9,o*10,o*15,i,i*2,i*3,i*4,i*6,u,u*2,u*5,u*10,u*25,u*50,u*100]),p=[[u,Zr,pe,pe,pe,pe,pe,pe,1],[o*28,"{MMM}",pr,pe,pe,pe,pe,pe,1],[o,Jr,pr,pe,
pe,pe,pe,pe,1],[l,"{h}"+$r,ho,pe,Nl,pe,pe,pe,1],[n,rl,ho,pe,Nl,pe,pe,pe,1],[t,hr,ho+" "+rl,pe,Nl+" "+rl,pe,mr,pe,1],[e,hr+".{fff}",ho+" "+rl,pe,Nl+" "+rl,pe,mr,
pe,1]];function w(h){return(b,L,T,D,q,B)=>{let S=[],z=q>=u,M=q>=i&&q<u,Q=h(T),A=be(Q*e,3),X=hs(Q.getFullYear(),z?0:Q.getMonth(),M||z?1:Q.getDate()),Z=be(X*e,3);
if(M||z){let le=M?q/i:0,U=z?q/u:0,_=A==Z?A:be(hs(X.getFullYear()+U,X.getMonth()+le,1)*e,3),$=new Date(qe(_/e)),P=$.getFullYear(),K=$.getMonth();for(let I=0;_<=D;I++){
let se=hs(P+U*I,K+le*I,1),O=se-h(be(se*e,3));_=be((+se+O)*e,3),_<=D&&S.push(_)}}else{let le=q>=o?o:q,U=wt(T)-wt(A),_=Z+U+To(A-Z,le);S.push(_);let $=h(_),P=$.getHours()+
$.getMinutes()/n+$.getSeconds()/l,K=q/l,I=b.axes[L]._space,se=B/I;for(;_=be(_+q,e==1?0:3),!(_>D);)if(K>1){let O=wt(be(P+K,6))%24,ie=h(_).getHours()-O;ie>1&&(ie=
-1),_-=ie*l,P=(P+K)%24;let me=S[S.length-1];be((_-me)/q,3)*se>=.7&&S.push(_)}else S.push(_)}return S}}return[f,p,w]}var[Qc,Xc,ef]=Qr(1),[tf,nf,lf]=Qr(.001);zl(2,
-53,53,[1]);function gr(e,t){return e.map(n=>n.map((l,o)=>o==0||o==8||l==null?l:t(o==1||n[8]==0?l:n[1]+l)))}function wr(e,t){return(n,l,o,i,u)=>{let r=t.find(T=>u>=
T[0])||t[t.length-1],f,p,w,h,b,L;return l.map(T=>{let D=e(T),q=D.getFullYear(),B=D.getMonth(),S=D.getDate(),z=D.getHours(),M=D.getMinutes(),Q=D.getSeconds(),A=q!=
f&&r[2]||B!=p&&r[3]||S!=w&&r[4]||z!=h&&r[5]||M!=b&&r[6]||Q!=L&&r[7]||r[1];return f=q,p=B,w=S,h=z,b=M,L=Q,A(D)})}}function of(e,t){let n=Hs(t);return(l,o,i,u,r)=>o.
map(f=>n(e(f)))}function hs(e,t,n){return new Date(e,t,n)}function br(e,t){return t(e)}var sf="{YYYY}-{MM}-{DD} {h}:{mm}{aa}";function yr(e,t){return(n,l,o,i)=>i==
null?Es:t(e(l))}function rf(e,t){let n=e.series[t];return n.width?n.stroke(e,t):n.points.width?n.points.stroke(e,t):null}function af(e,t){return e.series[t].fill(
e,t)}var uf={show:!0,live:!0,isolate:!1,mount:Lc,markers:{show:!0,width:2,stroke:rf,fill:af,dash:"solid"},idx:null,idxs:null,values:[]};function cf(e,t){let n=e.
cursor.points,l=_t(),o=n.size(e,t);Me(l,Fl,o),Me(l,Ol,o);let i=o/-2;Me(l,"marginLeft",i),Me(l,"marginTop",i);let u=n.width(e,t,o);return u&&Me(l,"borderWidth",u),
l}function ff(e,t){let n=e.series[t].points;return n._fill||n._stroke}function df(e,t){let n=e.series[t].points;return n._stroke||n._fill}function pf(e,t){return e.
series[t].points.size}var gs=[0,0];function mf(e,t,n){return gs[0]=t,gs[1]=n,gs}function go(e,t,n,l=!0){return o=>{o.button==0&&(!l||o.target==t)&&n(o)}}function ws(e,t,n,l=!0){
return o=>{(!l||o.target==t)&&n(o)}}var hf={show:!0,x:!0,y:!0,lock:!1,move:mf,points:{one:!1,show:cf,size:pf,width:0,stroke:df,fill:ff},bind:{mousedown:go,mouseup:go,
click:go,dblclick:go,mousemove:ws,mouseleave:ws,mouseenter:ws},drag:{setScale:!0,x:!0,y:!1,dist:0,uni:null,click:(e,t)=>{t.stopPropagation(),t.stopImmediatePropagation()},
_x:!1,_y:!1},focus:{dist:(e,t,n,l,o)=>l-o,prox:-1,bias:0},hover:{skip:[void 0],prox:null,bias:0},left:-10,top:-10,idx:null,dataIdx:null,idxs:null,event:null},Xr={
show:!0,stroke:"rgba(0,0,0,0.07)",width:2},Os=Fe({},Xr,{filter:Wr}),ea=Fe({},Os,{size:10}),ta=Fe({},Xr,{show:!1}),Ns='12px system-ui, -apple-system, "Segoe UI",\
 Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"',na="bold "+Ns,la=1.5,vr={
show:!0,scale:"x",stroke:Cs,space:50,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:na,side:2,grid:Os,ticks:ea,border:ta,font:Ns,lineGap:la,rotate:0},
gf="Value",wf="Time",xr={show:!0,scale:"x",auto:!1,sorted:1,min:we,max:-we,idxs:[]};function bf(e,t,n,l,o){return t.map(i=>i==null?"":As(i))}function yf(e,t,n,l,o,i,u){
let r=[],f=gn.get(o)||0;n=u?n:be(To(n,o),f);for(let p=n;p<=l;p=be(p+o,f))r.push(Object.is(p,-0)?0:p);return r}function Ts(e,t,n,l,o,i,u){let r=[],f=e.scales[e.axes[t].
scale].log,p=f==10?nn:Fr,w=wt(p(n));o=ul(f,w),f==10&&(o=Dn[Nt(o,Dn)]);let h=n,b=o*f;f==10&&(b=Dn[Nt(b,Dn)]);do r.push(h),h=h+o,f==10&&!gn.has(h)&&(h=be(h,gn.get(
o))),h>=b&&(o=h,b=o*f,f==10&&(b=Dn[Nt(b,Dn)]));while(h<=l);return r}function vf(e,t,n,l,o,i,u){let f=e.scales[e.axes[t].scale].asinh,p=l>f?Ts(e,t,it(f,n),l,o):[
f],w=l>=0&&n<=0?[0]:[];return(n<-f?Ts(e,t,it(f,-l),-n,o):[f]).reverse().map(b=>-b).concat(w,p)}var oa=/./,xf=/[12357]/,kf=/[125]/,kr=/1/,Ss=(e,t,n,l)=>e.map((o,i)=>t==
4&&o==0||i%l==0&&n.test(o.toExponential()[o<0?1:0])?o:null);function Tf(e,t,n,l,o){let i=e.axes[n],u=i.scale,r=e.scales[u],f=e.valToPos,p=i._space,w=f(10,u),h=f(
9,u)-w>=p?oa:f(7,u)-w>=p?xf:f(5,u)-w>=p?kf:kr;if(h==kr){let b=Be(f(1,u)-w);if(b<p)return Ss(t.slice().reverse(),r.distr,h,Lt(p/b)).reverse()}return Ss(t,r.distr,
h,1)}function Sf(e,t,n,l,o){let i=e.axes[n],u=i.scale,r=i._space,f=e.valToPos,p=Be(f(1,u)-f(2,u));return p<r?Ss(t.slice().reverse(),3,oa,Lt(r/p)).reverse():t}function Mf(e,t,n,l){
return l==null?Es:t==null?"":As(t)}var Tr={show:!0,scale:"y",stroke:Cs,space:30,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:na,side:3,grid:Os,ticks:ea,
border:ta,font:Ns,lineGap:la,rotate:0};function _f(e,t){let n=3+(e||1)*2;return be(n*t,3)}function Lf(e,t){let{scale:n,idxs:l}=e.series[0],o=e._data[0],i=e.valToPos(
o[l[0]],n,!0),u=e.valToPos(o[l[1]],n,!0),r=Be(u-i),f=e.series[t],p=r/(f.points.space*fe);return l[1]-l[0]<=p}var Sr={scale:null,auto:!0,sorted:0,min:we,max:-we},
sa=(e,t,n,l,o)=>o,Mr={show:!0,auto:!0,sorted:0,gaps:sa,alpha:1,facets:[Fe({},Sr,{scale:"x"}),Fe({},Sr,{scale:"y"})]},_r={scale:"y",auto:!0,sorted:0,show:!0,spanGaps:!1,
gaps:sa,alpha:1,points:{show:Lf,filter:null},values:null,min:we,max:-we,idxs:[],path:null,clip:null};function Cf(e,t,n,l,o){return n/10}var ia={time:!0,auto:!0,
distr:1,log:10,asinh:1,min:null,max:null,dir:1,ori:0},Ef=Fe({},ia,{time:!1,ori:1}),Lr={};function ra(e,t){let n=Lr[e];return n||(n={key:e,plots:[],sub(l){n.plots.
push(l)},unsub(l){n.plots=n.plots.filter(o=>o!=l)},pub(l,o,i,u,r,f,p){for(let w=0;w<n.plots.length;w++)n.plots[w]!=o&&n.plots[w].pub(l,o,i,u,r,f,p)}},e!=null&&(Lr[e]=
n)),n}var dl=1,Ms=2;function Fn(e,t,n){let l=e.mode,o=e.series[t],i=l==2?e._data[t]:e._data,u=e.scales,r=e.bbox,f=i[0],p=l==2?i[1]:i[t],w=l==2?u[o.facets[0].scale]:
u[e.series[0].scale],h=l==2?u[o.facets[1].scale]:u[o.scale],b=r.left,L=r.top,T=r.width,D=r.height,q=e.valToPosH,B=e.valToPosV;return w.ori==0?n(o,f,p,w,h,q,B,b,
L,T,D,_o,ml,Co,ua,fa):n(o,f,p,w,h,B,q,L,b,D,T,Lo,hl,zs,ca,da)}function Ws(e,t){let n=0,l=0,o=ae(e.bands,Ps);for(let i=0;i<o.length;i++){let u=o[i];u.series[0]==
t?n=u.dir:u.series[1]==t&&(u.dir==1?l|=1:l|=2)}return[n,l==1?-1:l==2?1:l==3?2:0]}function Rf(e,t,n,l,o){let i=e.mode,u=e.series[t],r=i==2?u.facets[1].scale:u.scale,
f=e.scales[r];return o==-1?f.min:o==1?f.max:f.distr==3?f.dir==1?f.min:f.max:0}function ln(e,t,n,l,o,i){return Fn(e,t,(u,r,f,p,w,h,b,L,T,D,q)=>{let B=u.pxRound,S=p.
dir*(p.ori==0?1:-1),z=p.ori==0?ml:hl,M,Q;S==1?(M=n,Q=l):(M=l,Q=n);let A=B(h(r[M],p,D,L)),X=B(b(f[M],w,q,T)),Z=B(h(r[Q],p,D,L)),le=B(b(i==1?w.max:w.min,w,q,T)),U=new Path2D(
o);return z(U,Z,le),z(U,A,le),z(U,A,X),U})}function Mo(e,t,n,l,o,i){let u=null;if(e.length>0){u=new Path2D;let r=t==0?Co:zs,f=n;for(let h=0;h<e.length;h++){let b=e[h];
if(b[1]>b[0]){let L=b[0]-f;L>0&&r(u,f,l,L,l+i),f=b[1]}}let p=n+o-f,w=10;p>0&&r(u,f,l-w/2,p,l+i+w)}return u}function Vf(e,t,n){let l=e[e.length-1];l&&l[0]==t?l[1]=
n:e.push([t,n])}function Is(e,t,n,l,o,i,u){let r=[],f=e.length;for(let p=o==1?n:l;p>=n&&p<=l;p+=o)if(t[p]===null){let h=p,b=p;if(o==1)for(;++p<=l&&t[p]===null;)
b=p;else for(;--p>=n&&t[p]===null;)b=p;let L=i(e[h]),T=b==h?L:i(e[b]),D=h-o;L=u<=0&&D>=0&&D<f?i(e[D]):L;let B=b+o;T=u>=0&&B>=0&&B<f?i(e[B]):T,T>=L&&r.push([L,T])}
return r}function Cr(e){return e==0?Nr:e==1?qe:t=>Vn(t,e)}function aa(e){let t=e==0?_o:Lo,n=e==0?(o,i,u,r,f,p)=>{o.arcTo(i,u,r,f,p)}:(o,i,u,r,f,p)=>{o.arcTo(u,i,
f,r,p)},l=e==0?(o,i,u,r,f)=>{o.rect(i,u,r,f)}:(o,i,u,r,f)=>{o.rect(u,i,f,r)};return(o,i,u,r,f,p=0,w=0)=>{p==0&&w==0?l(o,i,u,r,f):(p=Wt(p,r/2,f/2),w=Wt(w,r/2,f/2),
t(o,i+p,u),n(o,i+r,u,i+r,u+f,p),n(o,i+r,u+f,i,u+f,w),n(o,i,u+f,i,u,w),n(o,i,u,i+r,u,p),o.closePath())}}var _o=(e,t,n)=>{e.moveTo(t,n)},Lo=(e,t,n)=>{e.moveTo(n,t)},
ml=(e,t,n)=>{e.lineTo(t,n)},hl=(e,t,n)=>{e.lineTo(n,t)},Co=aa(0),zs=aa(1),ua=(e,t,n,l,o,i)=>{e.arc(t,n,l,o,i)},ca=(e,t,n,l,o,i)=>{e.arc(n,t,l,o,i)},fa=(e,t,n,l,o,i,u)=>{
e.bezierCurveTo(t,n,l,o,i,u)},da=(e,t,n,l,o,i,u)=>{e.bezierCurveTo(n,t,o,l,u,i)};function pa(e){return(t,n,l,o,i)=>Fn(t,n,(u,r,f,p,w,h,b,L,T,D,q)=>{let{pxRound:B,
points:S}=u,z,M;p.ori==0?(z=_o,M=ua):(z=Lo,M=ca);let Q=be(S.width*fe,3),A=(S.size-S.width)/2*fe,X=be(A*2,3),Z=new Path2D,le=new Path2D,{left:U,top:_,width:$,height:P}=t.
bbox;Co(le,U-X,_-X,$+X*2,P+X*2);let K=I=>{if(f[I]!=null){let se=B(h(r[I],p,D,L)),O=B(b(f[I],w,q,T));z(Z,se+A,O),M(Z,se,O,A,0,wo*2)}};if(i)i.forEach(K);else for(let I=l;I<=
o;I++)K(I);return{stroke:Q>0?Z:null,fill:Z,clip:le,flags:dl|Ms}})}function ma(e){return(t,n,l,o,i,u)=>{l!=o&&(i!=l&&u!=l&&e(t,n,l),i!=o&&u!=o&&e(t,n,o),e(t,n,u))}}
var Df=ma(ml),Af=ma(hl);function ha(e){let t=ae(e?.alignGaps,0);return(n,l,o,i)=>Fn(n,l,(u,r,f,p,w,h,b,L,T,D,q)=>{[o,i]=xo(f,o,i);let B=u.pxRound,S=P=>B(h(P,p,D,
L)),z=P=>B(b(P,w,q,T)),M,Q;p.ori==0?(M=ml,Q=Df):(M=hl,Q=Af);let A=p.dir*(p.ori==0?1:-1),X={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:dl},Z=X.
stroke,le=!1;if(i-o>=D*4){let P=H=>n.posToVal(H,p.key,!0),K=null,I=null,se,O,rt,Le=S(r[A==1?o:i]),ie=S(r[o]),me=S(r[i]),ee=P(A==1?ie+1:me-1);for(let H=A==1?o:i;H>=
o&&H<=i;H+=A){let We=r[H],Ce=(A==1?We<ee:We>ee)?Le:S(We),de=f[H];Ce==Le?de!=null?(O=de,K==null?(M(Z,Ce,z(O)),se=K=I=O):O<K?K=O:O>I&&(I=O)):de===null&&(le=!0):(K!=
null&&Q(Z,Le,z(K),z(I),z(se),z(O)),de!=null?(O=de,M(Z,Ce,z(O)),K=I=se=O):(K=I=null,de===null&&(le=!0)),Le=Ce,ee=P(Le+A))}K!=null&&K!=I&&rt!=Le&&Q(Z,Le,z(K),z(I),
z(se),z(O))}else for(let P=A==1?o:i;P>=o&&P<=i;P+=A){let K=f[P];K===null?le=!0:K!=null&&M(Z,S(r[P]),z(K))}let[_,$]=Ws(n,l);if(u.fill!=null||_!=0){let P=X.fill=new Path2D(
Z),K=u.fillTo(n,l,u.min,u.max,_),I=z(K),se=S(r[o]),O=S(r[i]);A==-1&&([O,se]=[se,O]),M(P,O,I),M(P,se,I)}if(!u.spanGaps){let P=[];le&&P.push(...Is(r,f,o,i,A,S,t)),
X.gaps=P=u.gaps(n,l,o,i,P),X.clip=Mo(P,p.ori,L,T,D,q)}return $!=0&&(X.band=$==2?[ln(n,l,o,i,Z,-1),ln(n,l,o,i,Z,1)]:ln(n,l,o,i,Z,$)),X})}function Pf(e){let t=ae(
e.align,1),n=ae(e.ascDesc,!1),l=ae(e.alignGaps,0),o=ae(e.extend,!1);return(i,u,r,f)=>Fn(i,u,(p,w,h,b,L,T,D,q,B,S,z)=>{[r,f]=xo(h,r,f);let M=p.pxRound,{left:Q,width:A}=i.
bbox,X=ie=>M(T(ie,b,S,q)),Z=ie=>M(D(ie,L,z,B)),le=b.ori==0?ml:hl,U={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:dl},_=U.stroke,$=b.dir*(b.ori==
0?1:-1),P=Z(h[$==1?r:f]),K=X(w[$==1?r:f]),I=K,se=K;o&&t==-1&&(se=Q,le(_,se,P)),le(_,K,P);for(let ie=$==1?r:f;ie>=r&&ie<=f;ie+=$){let me=h[ie];if(me==null)continue;
let ee=X(w[ie]),H=Z(me);t==1?le(_,ee,P):le(_,I,H),le(_,ee,H),P=H,I=ee}let O=I;o&&t==1&&(O=Q+A,le(_,O,P));let[rt,Le]=Ws(i,u);if(p.fill!=null||rt!=0){let ie=U.fill=
new Path2D(_),me=p.fillTo(i,u,p.min,p.max,rt),ee=Z(me);le(ie,O,ee),le(ie,se,ee)}if(!p.spanGaps){let ie=[];ie.push(...Is(w,h,r,f,$,X,l));let me=p.width*fe/2,ee=n||
t==1?me:-me,H=n||t==-1?-me:me;ie.forEach(We=>{We[0]+=ee,We[1]+=H}),U.gaps=ie=p.gaps(i,u,r,f,ie),U.clip=Mo(ie,b.ori,q,B,S,z)}return Le!=0&&(U.band=Le==2?[ln(i,u,
r,f,_,-1),ln(i,u,r,f,_,1)]:ln(i,u,r,f,_,Le)),U})}function Er(e,t,n,l,o,i,u=we){if(e.length>1){let r=null;for(let f=0,p=1/0;f<e.length;f++)if(t[f]!==void 0){if(r!=
null){let w=Be(e[f]-e[r]);w<p&&(p=w,u=Be(n(e[f],l,o,i)-n(e[r],l,o,i)))}r=f}}return u}function Hf(e){e=e||Il;let t=ae(e.size,[.6,we,1]),n=e.align||0,l=e.gap||0,o=e.
radius;o=o==null?[0,0]:typeof o=="number"?[o,0]:o;let i=oe(o),u=1-t[0],r=ae(t[1],we),f=ae(t[2],1),p=ae(e.disp,Il),w=ae(e.each,L=>{}),{fill:h,stroke:b}=p;return(L,T,D,q)=>Fn(
L,T,(B,S,z,M,Q,A,X,Z,le,U,_)=>{let $=B.pxRound,P=n,K=l*fe,I=r*fe,se=f*fe,O,rt;M.ori==0?[O,rt]=i(L,T):[rt,O]=i(L,T);let Le=M.dir*(M.ori==0?1:-1),ie=M.ori==0?Co:zs,
me=M.ori==0?w:(R,ye,Ie,Bn,vn,zt,xn)=>{w(R,ye,Ie,vn,Bn,xn,zt)},ee=ae(L.bands,Ps).find(R=>R.series[0]==T),H=ee!=null?ee.dir:0,We=B.fillTo(L,T,B.min,B.max,H),tt=$(
X(We,Q,_,le)),Ce,de,Et,ct=U,Re=$(B.width*fe),It=!1,Jt=null,yt=null,on=null,In=null;h!=null&&(Re==0||b!=null)&&(It=!0,Jt=h.values(L,T,D,q),yt=new Map,new Set(Jt).
forEach(R=>{R!=null&&yt.set(R,new Path2D)}),Re>0&&(on=b.values(L,T,D,q),In=new Map,new Set(on).forEach(R=>{R!=null&&In.set(R,new Path2D)})));let{x0:zn,size:Ml}=p;
if(zn!=null&&Ml!=null){P=1,S=zn.values(L,T,D,q),zn.unit==2&&(S=S.map(Ie=>L.posToVal(Z+Ie*U,M.key,!0)));let R=Ml.values(L,T,D,q);Ml.unit==2?de=R[0]*U:de=A(R[0],M,
U,Z)-A(0,M,U,Z),ct=Er(S,z,A,M,U,Z,ct),Et=ct-de+K}else ct=Er(S,z,A,M,U,Z,ct),Et=ct*u+K,de=ct-Et;Et<1&&(Et=0),Re>=de/2&&(Re=0),Et<5&&($=Nr);let no=Et>0,bn=ct-Et-(no?
Re:0);de=$(ks(bn,se,I)),Ce=(P==0?de/2:P==Le?0:de)-P*Le*((P==0?K/2:0)+(no?Re/2:0));let nt={stroke:null,fill:null,clip:null,band:null,gaps:null,flags:0},qn=It?null:
new Path2D,$t=null;if(ee!=null)$t=L.data[ee.series[1]];else{let{y0:R,y1:ye}=p;R!=null&&ye!=null&&(z=ye.values(L,T,D,q),$t=R.values(L,T,D,q))}let yn=O*de,J=rt*de;
for(let R=Le==1?D:q;R>=D&&R<=q;R+=Le){let ye=z[R];if(ye==null)continue;if($t!=null){let at=$t[R]??0;if(ye-at==0)continue;tt=X(at,Q,_,le)}let Ie=M.distr!=2||p!=null?
S[R]:R,Bn=A(Ie,M,U,Z),vn=X(ae(ye,We),Q,_,le),zt=$(Bn-Ce),xn=$(it(vn,tt)),ft=$(Wt(vn,tt)),vt=xn-ft;if(ye!=null){let at=ye<0?J:yn,Rt=ye<0?yn:J;It?(Re>0&&on[R]!=null&&
ie(In.get(on[R]),zt,ft+wt(Re/2),de,it(0,vt-Re),at,Rt),Jt[R]!=null&&ie(yt.get(Jt[R]),zt,ft+wt(Re/2),de,it(0,vt-Re),at,Rt)):ie(qn,zt,ft+wt(Re/2),de,it(0,vt-Re),at,
Rt),me(L,T,R,zt-Re/2,ft,de+Re,vt)}}return Re>0?nt.stroke=It?In:qn:It||(nt._fill=B.width==0?B._fill:B._stroke??B._fill,nt.width=0),nt.fill=It?yt:qn,nt})}function Ff(e,t){
let n=ae(t?.alignGaps,0);return(l,o,i,u)=>Fn(l,o,(r,f,p,w,h,b,L,T,D,q,B)=>{[i,u]=xo(p,i,u);let S=r.pxRound,z=O=>S(b(O,w,q,T)),M=O=>S(L(O,h,B,D)),Q,A,X;w.ori==0?
(Q=_o,X=ml,A=fa):(Q=Lo,X=hl,A=da);let Z=w.dir*(w.ori==0?1:-1),le=z(f[Z==1?i:u]),U=le,_=[],$=[];for(let O=Z==1?i:u;O>=i&&O<=u;O+=Z)if(p[O]!=null){let Le=f[O],ie=z(
Le);_.push(U=ie),$.push(M(p[O]))}let P={stroke:e(_,$,Q,X,A,S),fill:null,clip:null,band:null,gaps:null,flags:dl},K=P.stroke,[I,se]=Ws(l,o);if(r.fill!=null||I!=0){
let O=P.fill=new Path2D(K),rt=r.fillTo(l,o,r.min,r.max,I),Le=M(rt);X(O,U,Le),X(O,le,Le)}if(!r.spanGaps){let O=[];O.push(...Is(f,p,i,u,Z,z,n)),P.gaps=O=r.gaps(l,
o,i,u,O),P.clip=Mo(O,w.ori,T,D,q,B)}return se!=0&&(P.band=se==2?[ln(l,o,i,u,K,-1),ln(l,o,i,u,K,1)]:ln(l,o,i,u,K,se)),P})}function Of(e){return Ff(Nf,e)}function Nf(e,t,n,l,o,i){
let u=e.length;if(u<2)return null;let r=new Path2D;if(n(r,e[0],t[0]),u==2)l(r,e[1],t[1]);else{let f=Array(u),p=Array(u-1),w=Array(u-1),h=Array(u-1);for(let b=0;b<
u-1;b++)w[b]=t[b+1]-t[b],h[b]=e[b+1]-e[b],p[b]=w[b]/h[b];f[0]=p[0];for(let b=1;b<u-1;b++)p[b]===0||p[b-1]===0||p[b-1]>0!=p[b]>0?f[b]=0:(f[b]=3*(h[b-1]+h[b])/((2*
h[b]+h[b-1])/p[b-1]+(h[b]+2*h[b-1])/p[b]),isFinite(f[b])||(f[b]=0));f[u-1]=p[u-2];for(let b=0;b<u-1;b++)o(r,e[b]+h[b]/3,t[b]+f[b]*h[b]/3,e[b+1]-h[b]/3,t[b+1]-f[b+
1]*h[b]/3,e[b+1],t[b+1])}return r}var _s=new Set;function Rr(){for(let e of _s)e.syncRect(!0)}pl&&(Pn(wc,al,Rr),Pn(bc,al,Rr,!0),Pn(bo,al,()=>{Ve.pxRatio=fe}));var Wf=ha(),
If=pa();function Vr(e,t,n,l){return(l?[e[0],e[1]].concat(e.slice(2)):[e[0]].concat(e.slice(1))).map((i,u)=>Ls(i,u,t,n))}function zf(e,t){return e.map((n,l)=>l==
0?{}:Fe({},t,n))}function Ls(e,t,n,l){return Fe({},t==0?n:l,e)}function ga(e,t,n){return t==null?cl:[t,n]}var qf=ga;function Bf(e,t,n){return t==null?cl:yo(t,n,
Ds,!0)}function wa(e,t,n,l){return t==null?cl:ko(t,n,e.scales[l].log,!1)}var Gf=wa;function ba(e,t,n,l){return t==null?cl:Vs(t,n,e.scales[l].log,!1)}var Yf=ba;function Kf(e,t,n,l,o){
let i=it(ur(e),ur(t)),u=t-e,r=Nt(o/l*u,n);do{let f=n[r],p=l*f/u;if(p>=o&&i+(f<5?gn.get(f):0)<=17)return[f,p]}while(++r<n.length);return[0,0]}function Dr(e){let t,
n;return e=e.replace(/(\d+)px/,(l,o)=>(t=qe((n=+o)*fe))+"px"),[e,t,n]}function jf(e){e.show&&[e.font,e.labelFont].forEach(t=>{let n=be(t[2]*fe,1);t[0]=t[0].replace(
/[0-9.]+px/,n+"px"),t[1]=n})}function Ve(e,t,n){let l={mode:ae(e.mode,1)},o=l.mode;function i(s,a,c,d){let m=a.valToPct(s);return d+c*(a.dir==-1?1-m:m)}function u(s,a,c,d){
let m=a.valToPct(s);return d+c*(a.dir==-1?m:1-m)}function r(s,a,c,d){return a.ori==0?i(s,a,c,d):u(s,a,c,d)}l.valToPosH=i,l.valToPosV=u;let f=!1;l.status=0;let p=l.
root=_t(Xu);if(e.id!=null&&(p.id=e.id),gt(p,e.class),e.title){let s=_t(nc,p);s.textContent=e.title}let w=Ot("canvas"),h=l.ctx=w.getContext("2d"),b=_t(lc,p);Pn("\
click",b,s=>{s.target===T&&(ke!=el||Ee!=tl)&&Qe.click(l,s)},!0);let L=l.under=_t(oc,b);b.appendChild(w);let T=l.over=_t(sc,b);e=fl(e);let D=+ae(e.pxAlign,1),q=Cr(
D);(e.plugins||[]).forEach(s=>{s.opts&&(e=s.opts(l,e)||e)});let B=e.ms||.001,S=l.series=o==1?Vr(e.series||[],xr,_r,!1):zf(e.series||[null],Mr),z=l.axes=Vr(e.axes||
[],vr,Tr,!0),M=l.scales={},Q=l.bands=e.bands||[];Q.forEach(s=>{s.fill=oe(s.fill||null),s.dir=ae(s.dir,-1)});let A=o==2?S[1].facets[0].scale:S[0].scale,X={axes:Ou,
series:Du},Z=(e.drawOrder||["axes","series"]).map(s=>X[s]);function le(s){let a=s.distr==3?c=>nn(c>0?c:s.clamp(l,c,s.min,s.max,s.key)):s.distr==4?c=>ms(c,s.asinh):
s.distr==100?c=>s.fwd(c):c=>c;return c=>{let d=a(c),{_min:m,_max:g}=s,y=g-m;return(d-m)/y}}function U(s){let a=M[s];if(a==null){let c=(e.scales||Il)[s]||Il;if(c.
from!=null){U(c.from);let d=Fe({},M[c.from],c,{key:s});d.valToPct=le(d),M[s]=d}else{a=M[s]=Fe({},s==A?ia:Ef,c),a.key=s;let d=a.time,m=a.range,g=hn(m);if((s!=A||
o==2&&!d)&&(g&&(m[0]==null||m[1]==null)&&(m={min:m[0]==null?ir:{mode:1,hard:m[0],soft:m[0]},max:m[1]==null?ir:{mode:1,hard:m[1],soft:m[1]}},g=!1),!g&&So(m))){let y=m;
m=(x,k,C)=>k==null?cl:yo(k,C,y)}a.range=oe(m||(d?qf:s==A?a.distr==3?Gf:a.distr==4?Yf:ga:a.distr==3?wa:a.distr==4?ba:Bf)),a.auto=oe(g?!1:a.auto),a.clamp=oe(a.clamp||
Cf),a._min=a._max=null,a.valToPct=le(a)}}}U("x"),U("y"),o==1&&S.forEach(s=>{U(s.scale)}),z.forEach(s=>{U(s.scale)});for(let s in e.scales)U(s);let _=M[A],$=_.distr,
P,K;_.ori==0?(gt(p,ec),P=i,K=u):(gt(p,tc),P=u,K=i);let I={};for(let s in M){let a=M[s];(a.min!=null||a.max!=null)&&(I[s]={min:a.min,max:a.max},a.min=a.max=null)}
let se=e.tzDate||(s=>new Date(qe(s/B))),O=e.fmtDate||Hs,rt=B==1?ef(se):lf(se),Le=wr(se,gr(B==1?Xc:nf,O)),ie=yr(se,br(sf,O)),me=[],ee=l.legend=Fe({},uf,e.legend),
H=l.cursor=Fe({},hf,{drag:{y:o==2}},e.cursor),We=ee.show,tt=H.show,Ce=ee.markers;ee.idxs=me,Ce.width=oe(Ce.width),Ce.dash=oe(Ce.dash),Ce.stroke=oe(Ce.stroke),Ce.
fill=oe(Ce.fill);let de,Et,ct,Re=[],It=[],Jt,yt=!1,on={};if(ee.live){let s=S[1]?S[1].values:null;yt=s!=null,Jt=yt?s(l,1,0):{_:0};for(let a in Jt)on[a]=Es}if(We)
if(de=Ot("table",fc,p),ct=Ot("tbody",null,de),ee.mount(l,de),yt){Et=Ot("thead",null,de,ct);let s=Ot("tr",null,Et);Ot("th",null,s);for(var In in Jt)Ot("th",ji,s).
textContent=In}else gt(de,pc),ee.live&&gt(de,dc);let zn={show:!0},Ml={show:!1};function no(s,a){if(a==0&&(yt||!ee.live||o==2))return cl;let c=[],d=Ot("tr",mc,ct,
ct.childNodes[a]);gt(d,s.class),s.show||gt(d,An);let m=Ot("th",null,d);if(Ce.show){let x=_t(hc,m);if(a>0){let k=Ce.width(l,a);k&&(x.style.border=k+"px "+Ce.dash(
l,a)+" "+Ce.stroke(l,a)),x.style.background=Ce.fill(l,a)}}let g=_t(ji,m);s.label instanceof HTMLElement?g.appendChild(s.label):g.textContent=s.label,a>0&&(Ce.show||
(g.style.color=s.width>0?Ce.stroke(l,a):Ce.fill(l,a)),nt("click",m,x=>{if(H._lock)return;Tn(x);let k=S.indexOf(s);if((x.ctrlKey||x.metaKey)!=ee.isolate){let C=S.
some((E,V)=>V>0&&V!=k&&E.show);S.forEach((E,V)=>{V>0&&Bt(V,C?V==k?zn:Ml:zn,!0,He.setSeries)})}else Bt(k,{show:!s.show},!0,He.setSeries)},!1),Yn&&nt($i,m,x=>{H._lock||
(Tn(x),Bt(S.indexOf(s),ll,!0,He.setSeries))},!1));for(var y in Jt){let x=Ot("td",gc,d);x.textContent="--",c.push(x)}return[d,c]}let bn=new Map;function nt(s,a,c,d=!0){
let m=bn.get(a)||{},g=H.bind[s](l,a,c,d);g&&(Pn(s,a,m[s]=g),bn.set(a,m))}function qn(s,a,c){let d=bn.get(a)||{};for(let m in d)(s==null||m==s)&&(xs(m,a,d[m]),delete d[m]);
s==null&&bn.delete(a)}let $t=0,yn=0,J=0,R=0,ye=0,Ie=0,Bn=ye,vn=Ie,zt=J,xn=R,ft=0,vt=0,at=0,Rt=0;l.bbox={};let No=!1,lo=!1,Gn=!1,kn=!1,oo=!1,xt=!1;function Wo(s,a,c){
(c||s!=l.width||a!=l.height)&&pi(s,a),Jn(!1),Gn=!0,lo=!0,$n()}function pi(s,a){l.width=$t=J=s,l.height=yn=R=a,ye=Ie=0,Mu(),_u();let c=l.bbox;ft=c.left=Vn(ye*fe,
.5),vt=c.top=Vn(Ie*fe,.5),at=c.width=Vn(J*fe,.5),Rt=c.height=Vn(R*fe,.5)}let ku=3;function Tu(){let s=!1,a=0;for(;!s;){a++;let c=Hu(a),d=Fu(a);s=a==ku||c&&d,s||
(pi(l.width,l.height),lo=!0)}}function Su({width:s,height:a}){Wo(s,a)}l.setSize=Su;function Mu(){let s=!1,a=!1,c=!1,d=!1;z.forEach((m,g)=>{if(m.show&&m._show){let{
side:y,_size:x}=m,k=y%2,C=m.label!=null?m.labelSize:0,E=x+C;E>0&&(k?(J-=E,y==3?(ye+=E,d=!0):c=!0):(R-=E,y==0?(Ie+=E,s=!0):a=!0))}}),Sn[0]=s,Sn[1]=c,Sn[2]=a,Sn[3]=
d,J-=sn[1]+sn[3],ye+=sn[3],R-=sn[2]+sn[0],Ie+=sn[0]}function _u(){let s=ye+J,a=Ie+R,c=ye,d=Ie;function m(g,y){switch(g){case 1:return s+=y,s-y;case 2:return a+=
y,a-y;case 3:return c-=y,c+y;case 0:return d-=y,d+y}}z.forEach((g,y)=>{if(g.show&&g._show){let x=g.side;g._pos=m(x,g._size),g.label!=null&&(g._lpos=m(x,g.labelSize))}})}
if(H.dataIdx==null){let s=H.hover,a=s.skip=new Set(s.skip??[]);a.add(void 0);let c=s.prox=oe(s.prox),d=s.bias??=0;H.dataIdx=(m,g,y,x)=>{if(g==0)return y;let k=y,
C=c(m,g,y,x)??we,E=C>=0&&C<we,V=_.ori==0?J:R,j=H.left,ue=t[0],re=t[g];if(a.has(re[y])){k=null;let te=null,G=null,F;if(d==0||d==-1)for(F=y;te==null&&F-- >0;)a.has(
re[F])||(te=F);if(d==0||d==1)for(F=y;G==null&&F++<re.length;)a.has(re[F])||(G=F);if(te!=null||G!=null)if(E){let Se=te==null?-1/0:P(ue[te],_,V,0),De=G==null?1/0:
P(ue[G],_,V,0),Ze=j-Se,he=De-j;Ze<=he?Ze<=C&&(k=te):he<=C&&(k=G)}else k=G==null?te:te==null?G:y-te<=G-y?te:G}else E&&Be(j-P(ue[y],_,V,0))>C&&(k=null);return k}}
let Tn=s=>{H.event=s};H.idxs=me,H._lock=!1;let et=H.points;et.show=oe(et.show),et.size=oe(et.size),et.stroke=oe(et.stroke),et.width=oe(et.width),et.fill=oe(et.fill);
let qt=l.focus=Fe({},e.focus||{alpha:.3},H.focus),Yn=qt.prox>=0,Kn=Yn&&et.one,kt=[],jn=[],Un=[];function mi(s,a){let c=et.show(l,a);if(c instanceof HTMLElement)
return gt(c,cc),gt(c,s.class),Ut(c,-10,-10,J,R),T.insertBefore(c,kt[a]),c}function hi(s,a){if(o==1||a>0){let c=o==1&&M[s.scale].time,d=s.value;s.value=c?dr(d)?yr(
se,br(d,O)):d||ie:d||Mf,s.label=s.label||(c?wf:gf)}if(Kn||a>0){s.width=s.width==null?1:s.width,s.paths=s.paths||Wf||Cc,s.fillTo=oe(s.fillTo||Rf),s.pxAlign=+ae(s.
pxAlign,D),s.pxRound=Cr(s.pxAlign),s.stroke=oe(s.stroke||null),s.fill=oe(s.fill||null),s._stroke=s._fill=s._paths=s._focus=null;let c=_f(it(1,s.width),1),d=s.points=
Fe({},{size:c,width:it(1,c*.2),stroke:s.stroke,space:c*2,paths:If,_stroke:null,_fill:null},s.points);d.show=oe(d.show),d.filter=oe(d.filter),d.fill=oe(d.fill),d.
stroke=oe(d.stroke),d.paths=oe(d.paths),d.pxAlign=s.pxAlign}if(We){let c=no(s,a);Re.splice(a,0,c[0]),It.splice(a,0,c[1]),ee.values.push(null)}if(tt){me.splice(a,
0,null);let c=null;Kn?a==0&&(c=mi(s,a)):a>0&&(c=mi(s,a)),kt.splice(a,0,c),jn.splice(a,0,0),Un.splice(a,0,0)}Ue("addSeries",a)}function Lu(s,a){a=a??S.length,s=o==
1?Ls(s,a,xr,_r):Ls(s,a,{},Mr),S.splice(a,0,s),hi(S[a],a)}l.addSeries=Lu;function Cu(s){if(S.splice(s,1),We){ee.values.splice(s,1),It.splice(s,1);let a=Re.splice(
s,1)[0];qn(null,a.firstChild),a.remove()}tt&&(me.splice(s,1),kt.splice(s,1)[0].remove(),jn.splice(s,1),Un.splice(s,1)),Ue("delSeries",s)}l.delSeries=Cu;let Sn=[
!1,!1,!1,!1];function Eu(s,a){if(s._show=s.show,s.show){let c=s.side%2,d=M[s.scale];d==null&&(s.scale=c?S[1].scale:A,d=M[s.scale]);let m=d.time;s.size=oe(s.size),
s.space=oe(s.space),s.rotate=oe(s.rotate),hn(s.incrs)&&s.incrs.forEach(y=>{!gn.has(y)&&gn.set(y,zr(y))}),s.incrs=oe(s.incrs||(d.distr==2?Jc:m?B==1?Qc:tf:Dn)),s.
splits=oe(s.splits||(m&&d.distr==1?rt:d.distr==3?Ts:d.distr==4?vf:yf)),s.stroke=oe(s.stroke),s.grid.stroke=oe(s.grid.stroke),s.ticks.stroke=oe(s.ticks.stroke),s.
border.stroke=oe(s.border.stroke);let g=s.values;s.values=hn(g)&&!hn(g[0])?oe(g):m?hn(g)?wr(se,gr(g,O)):dr(g)?of(se,g):g||Le:g||bf,s.filter=oe(s.filter||(d.distr>=
3&&d.log==10?Tf:d.distr==3&&d.log==2?Sf:Wr)),s.font=Dr(s.font),s.labelFont=Dr(s.labelFont),s._size=s.size(l,null,a,0),s._space=s._rotate=s._incrs=s._found=s._splits=
s._values=null,s._size>0&&(Sn[a]=!0,s._el=_t(ic,b))}}function _l(s,a,c,d){let[m,g,y,x]=c,k=a%2,C=0;return k==0&&(x||g)&&(C=a==0&&!m||a==2&&!y?qe(vr.size/3):0),k==
1&&(m||y)&&(C=a==1&&!g||a==3&&!x?qe(Tr.size/2):0),C}let gi=l.padding=(e.padding||[_l,_l,_l,_l]).map(s=>oe(ae(s,_l))),sn=l._padding=gi.map((s,a)=>s(l,a,Sn,0)),$e,
Ge=null,Ye=null,so=o==1?S[0].idxs:null,Vt=null,Ll=!1;function wi(s,a){if(t=s??[],l.data=l._data=t,o==2){$e=0;for(let c=1;c<S.length;c++)$e+=t[c][0].length}else{
t.length==0&&(l.data=l._data=t=[[]]),Vt=t[0],$e=Vt.length;let c=t;if($==2){c=t.slice();let d=c[0]=Array($e);for(let m=0;m<$e;m++)d[m]=m}l._data=t=c}if(Jn(!0),Ue(
"setData"),$==2&&(Gn=!0),a!==!1){let c=_;c.auto(l,Ll)?Io():an(A,c.min,c.max),kn=kn||H.left>=0,xt=!0,$n()}}l.setData=wi;function Io(){Ll=!0;let s,a;o==1&&($e>0?(Ge=
so[0]=0,Ye=so[1]=$e-1,s=t[0][Ge],a=t[0][Ye],$==2?(s=Ge,a=Ye):s==a&&($==3?[s,a]=ko(s,s,_.log,!1):$==4?[s,a]=Vs(s,s,_.log,!1):_.time?a=s+qe(86400/B):[s,a]=yo(s,a,
Ds,!0))):(Ge=so[0]=s=null,Ye=so[1]=a=null)),an(A,s,a)}let io,Zn,zo,qo,Bo,Go,Yo,Ko,jo,ut;function bi(s,a,c,d,m,g){s??=Zi,c??=Ps,d??="butt",m??=Zi,g??="round",s!=
io&&(h.strokeStyle=io=s),m!=Zn&&(h.fillStyle=Zn=m),a!=zo&&(h.lineWidth=zo=a),g!=Bo&&(h.lineJoin=Bo=g),d!=Go&&(h.lineCap=Go=d),c!=qo&&h.setLineDash(qo=c)}function yi(s,a,c,d){
a!=Zn&&(h.fillStyle=Zn=a),s!=Yo&&(h.font=Yo=s),c!=Ko&&(h.textAlign=Ko=c),d!=jo&&(h.textBaseline=jo=d)}function Uo(s,a,c,d,m=0){if(d.length>0&&s.auto(l,Ll)&&(a==
null||a.min==null)){let g=ae(Ge,0),y=ae(Ye,d.length-1),x=c.min==null?kc(d,g,y,m,s.distr==3):[c.min,c.max];s.min=Wt(s.min,c.min=x[0]),s.max=it(s.max,c.max=x[1])}}
let vi={min:null,max:null};function Ru(){for(let d in M){let m=M[d];I[d]==null&&(m.min==null||I[A]!=null&&m.auto(l,Ll))&&(I[d]=vi)}for(let d in M){let m=M[d];I[d]==
null&&m.from!=null&&I[m.from]!=null&&(I[d]=vi)}I[A]!=null&&Jn(!0);let s={};for(let d in I){let m=I[d];if(m!=null){let g=s[d]=fl(M[d],Vc);if(m.min!=null)Fe(g,m);else if(d!=
A||o==2)if($e==0&&g.from==null){let y=g.range(l,null,null,d);g.min=y[0],g.max=y[1]}else g.min=we,g.max=-we}}if($e>0){S.forEach((d,m)=>{if(o==1){let g=d.scale,y=I[g];
if(y==null)return;let x=s[g];if(m==0){let k=x.range(l,x.min,x.max,g);x.min=k[0],x.max=k[1],Ge=Nt(x.min,t[0]),Ye=Nt(x.max,t[0]),Ye-Ge>1&&(t[0][Ge]<x.min&&Ge++,t[0][Ye]>
x.max&&Ye--),d.min=Vt[Ge],d.max=Vt[Ye]}else d.show&&d.auto&&Uo(x,y,d,t[m],d.sorted);d.idxs[0]=Ge,d.idxs[1]=Ye}else if(m>0&&d.show&&d.auto){let[g,y]=d.facets,x=g.
scale,k=y.scale,[C,E]=t[m],V=s[x],j=s[k];V!=null&&Uo(V,I[x],g,C,g.sorted),j!=null&&Uo(j,I[k],y,E,y.sorted),d.min=y.min,d.max=y.max}});for(let d in s){let m=s[d],
g=I[d];if(m.from==null&&(g==null||g.min==null)){let y=m.range(l,m.min==we?null:m.min,m.max==-we?null:m.max,d);m.min=y[0],m.max=y[1]}}}for(let d in s){let m=s[d];
if(m.from!=null){let g=s[m.from];if(g.min==null)m.min=m.max=null;else{let y=m.range(l,g.min,g.max,d);m.min=y[0],m.max=y[1]}}}let a={},c=!1;for(let d in s){let m=s[d],
g=M[d];if(g.min!=m.min||g.max!=m.max){g.min=m.min,g.max=m.max;let y=g.distr;g._min=y==3?nn(g.min):y==4?ms(g.min,g.asinh):y==100?g.fwd(g.min):g.min,g._max=y==3?nn(
g.max):y==4?ms(g.max,g.asinh):y==100?g.fwd(g.max):g.max,a[d]=c=!0}}if(c){S.forEach((d,m)=>{o==2?m>0&&a.y&&(d._paths=null):a[d.scale]&&(d._paths=null)});for(let d in a)
Gn=!0,Ue("setScale",d);tt&&H.left>=0&&(kn=xt=!0)}for(let d in I)I[d]=null}function Vu(s){let a=ks(Ge-1,0,$e-1),c=ks(Ye+1,0,$e-1);for(;s[a]==null&&a>0;)a--;for(;s[c]==
null&&c<$e-1;)c++;return[a,c]}function Du(){if($e>0){let s=S.some(a=>a._focus)&&ut!=qt.alpha;s&&(h.globalAlpha=ut=qt.alpha),S.forEach((a,c)=>{if(c>0&&a.show&&(xi(
c,!1),xi(c,!0),a._paths==null)){let d=ut;ut!=a.alpha&&(h.globalAlpha=ut=a.alpha);let m=o==2?[0,t[c][0].length-1]:Vu(t[c]);a._paths=a.paths(l,c,m[0],m[1]),ut!=d&&
(h.globalAlpha=ut=d)}}),S.forEach((a,c)=>{if(c>0&&a.show){let d=ut;ut!=a.alpha&&(h.globalAlpha=ut=a.alpha),a._paths!=null&&ki(c,!1);{let m=a._paths!=null?a._paths.
gaps:null,g=a.points.show(l,c,Ge,Ye,m),y=a.points.filter(l,c,g,m);(g||y)&&(a.points._paths=a.points.paths(l,c,Ge,Ye,y),ki(c,!0))}ut!=d&&(h.globalAlpha=ut=d),Ue(
"drawSeries",c)}}),s&&(h.globalAlpha=ut=1)}}function xi(s,a){let c=a?S[s].points:S[s];c._stroke=c.stroke(l,s),c._fill=c.fill(l,s)}function ki(s,a){let c=a?S[s].
points:S[s],{stroke:d,fill:m,clip:g,flags:y,_stroke:x=c._stroke,_fill:k=c._fill,_width:C=c.width}=c._paths;C=be(C*fe,3);let E=null,V=C%2/2;a&&k==null&&(k=C>0?"#\
fff":x);let j=c.pxAlign==1&&V>0;if(j&&h.translate(V,V),!a){let ue=ft-C/2,re=vt-C/2,te=at+C,G=Rt+C;E=new Path2D,E.rect(ue,re,te,G)}a?Zo(x,C,c.dash,c.cap,k,d,m,y,
g):Au(s,x,C,c.dash,c.cap,k,d,m,y,E,g),j&&h.translate(-V,-V)}function Au(s,a,c,d,m,g,y,x,k,C,E){let V=!1;k!=0&&Q.forEach((j,ue)=>{if(j.series[0]==s){let re=S[j.series[1]],
te=t[j.series[1]],G=(re._paths||Il).band;hn(G)&&(G=j.dir==1?G[0]:G[1]);let F,Se=null;re.show&&G&&Sc(te,Ge,Ye)?(Se=j.fill(l,ue)||g,F=re._paths.clip):G=null,Zo(a,
c,d,m,Se,y,x,k,C,E,F,G),V=!0}}),V||Zo(a,c,d,m,g,y,x,k,C,E)}let Ti=dl|Ms;function Zo(s,a,c,d,m,g,y,x,k,C,E,V){bi(s,a,c,d,m),(k||C||V)&&(h.save(),k&&h.clip(k),C&&
h.clip(C)),V?(x&Ti)==Ti?(h.clip(V),E&&h.clip(E),ao(m,y),ro(s,g,a)):x&Ms?(ao(m,y),h.clip(V),ro(s,g,a)):x&dl&&(h.save(),h.clip(V),E&&h.clip(E),ao(m,y),h.restore(),
ro(s,g,a)):(ao(m,y),ro(s,g,a)),(k||C||V)&&h.restore()}function ro(s,a,c){c>0&&(a instanceof Map?a.forEach((d,m)=>{h.strokeStyle=io=m,h.stroke(d)}):a!=null&&s&&h.
stroke(a))}function ao(s,a){a instanceof Map?a.forEach((c,d)=>{h.fillStyle=Zn=d,h.fill(c)}):a!=null&&s&&h.fill(a)}function Pu(s,a,c,d){let m=z[s],g;if(d<=0)g=[0,
0];else{let y=m._space=m.space(l,s,a,c,d),x=m._incrs=m.incrs(l,s,a,c,d,y);g=Kf(a,c,x,d,y)}return m._found=g}function Jo(s,a,c,d,m,g,y,x,k,C){let E=y%2/2;D==1&&h.
translate(E,E),bi(x,y,k,C,x),h.beginPath();let V,j,ue,re,te=m+(d==0||d==3?-g:g);c==0?(j=m,re=te):(V=m,ue=te);for(let G=0;G<s.length;G++)a[G]!=null&&(c==0?V=ue=s[G]:
j=re=s[G],h.moveTo(V,j),h.lineTo(ue,re));h.stroke(),D==1&&h.translate(-E,-E)}function Hu(s){let a=!0;return z.forEach((c,d)=>{if(!c.show)return;let m=M[c.scale];
if(m.min==null){c._show&&(a=!1,c._show=!1,Jn(!1));return}else c._show||(a=!1,c._show=!0,Jn(!1));let g=c.side,y=g%2,{min:x,max:k}=m,[C,E]=Pu(d,x,k,y==0?J:R);if(E==
0)return;let V=m.distr==2,j=c._splits=c.splits(l,d,x,k,C,E,V),ue=m.distr==2?j.map(F=>Vt[F]):j,re=m.distr==2?Vt[j[1]]-Vt[j[0]]:C,te=c._values=c.values(l,c.filter(
l,ue,d,E,re),d,E,re);c._rotate=g==2?c.rotate(l,te,d,E):0;let G=c._size;c._size=Lt(c.size(l,te,d,s)),G!=null&&c._size!=G&&(a=!1)}),a}function Fu(s){let a=!0;return gi.
forEach((c,d)=>{let m=c(l,d,Sn,s);m!=sn[d]&&(a=!1),sn[d]=m}),a}function Ou(){for(let s=0;s<z.length;s++){let a=z[s];if(!a.show||!a._show)continue;let c=a.side,d=c%
2,m,g,y=a.stroke(l,s),x=c==0||c==3?-1:1,[k,C]=a._found;if(a.label!=null){let ot=a.labelGap*x,mt=qe((a._lpos+ot)*fe);yi(a.labelFont[0],y,"center",c==2?"top":Ui),
h.save(),d==1?(m=g=0,h.translate(mt,qe(vt+Rt/2)),h.rotate((c==3?-wo:wo)/2)):(m=qe(ft+at/2),g=mt);let Ln=Or(a.label)?a.label(l,s,k,C):a.label;h.fillText(Ln,m,g),
h.restore()}if(C==0)continue;let E=M[a.scale],V=d==0?at:Rt,j=d==0?ft:vt,ue=a._splits,re=E.distr==2?ue.map(ot=>Vt[ot]):ue,te=E.distr==2?Vt[ue[1]]-Vt[ue[0]]:k,G=a.
ticks,F=a.border,Se=G.show?G.size:0,De=qe(Se*fe),Ze=qe((a.alignTo==2?a._size-Se-a.gap:a.gap)*fe),he=a._rotate*-wo/180,Ae=q(a._pos*fe),dt=(De+Ze)*x,lt=Ae+dt;g=d==
0?lt:0,m=d==1?lt:0;let Tt=a.font[0],Dt=a.align==1?il:a.align==2?fs:he>0?il:he<0?fs:d==0?"center":c==3?fs:il,Yt=he||d==1?"middle":c==2?"top":Ui;yi(Tt,y,Dt,Yt);let pt=a.
font[1]*a.lineGap,St=ue.map(ot=>q(r(ot,E,V,j))),At=a._values;for(let ot=0;ot<At.length;ot++){let mt=At[ot];if(mt!=null){d==0?m=St[ot]:g=St[ot],mt=""+mt;let Ln=mt.
indexOf(`
`)==-1?[mt]:mt.split(/\n/gm);for(let st=0;st<Ln.length;st++){let qi=Ln[st];he?(h.save(),h.translate(m,g+st*pt),h.rotate(he),h.fillText(qi,0,0),h.restore()):h.fillText(
qi,m,g+st*pt)}}}G.show&&Jo(St,G.filter(l,re,s,C,te),d,c,Ae,De,be(G.width*fe,3),G.stroke(l,s),G.dash,G.cap);let Kt=a.grid;Kt.show&&Jo(St,Kt.filter(l,re,s,C,te),d,
d==0?2:1,d==0?vt:ft,d==0?Rt:at,be(Kt.width*fe,3),Kt.stroke(l,s),Kt.dash,Kt.cap),F.show&&Jo([Ae],[1],d==0?1:0,d==0?1:2,d==1?vt:ft,d==1?Rt:at,be(F.width*fe,3),F.stroke(
l,s),F.dash,F.cap)}Ue("drawAxes")}function Jn(s){S.forEach((a,c)=>{c>0&&(a._paths=null,s&&(o==1?(a.min=null,a.max=null):a.facets.forEach(d=>{d.min=null,d.max=null})))})}
let uo=!1,$o=!1,Cl=[];function Nu(){$o=!1;for(let s=0;s<Cl.length;s++)Ue(...Cl[s]);Cl.length=0}function $n(){uo||(Nc(Si),uo=!0)}function Wu(s,a=!1){uo=!0,$o=a,s(
l),Si(),a&&Cl.length>0&&queueMicrotask(Nu)}l.batch=Wu;function Si(){if(No&&(Ru(),No=!1),Gn&&(Tu(),Gn=!1),lo){if(Me(L,il,ye),Me(L,"top",Ie),Me(L,Fl,J),Me(L,Ol,R),
Me(T,il,ye),Me(T,"top",Ie),Me(T,Fl,J),Me(T,Ol,R),Me(b,Fl,$t),Me(b,Ol,yn),w.width=qe($t*fe),w.height=qe(yn*fe),z.forEach(({_el:s,_show:a,_size:c,_pos:d,side:m})=>{
if(s!=null)if(a){let g=m===3||m===0?c:0,y=m%2==1;Me(s,y?"left":"top",d-g),Me(s,y?"width":"height",c),Me(s,y?"top":"left",y?Ie:ye),Me(s,y?"height":"width",y?R:J),
vs(s,An)}else gt(s,An)}),io=Zn=zo=Bo=Go=Yo=Ko=jo=qo=null,ut=1,Vl(!0),ye!=Bn||Ie!=vn||J!=zt||R!=xn){Jn(!1);let s=J/zt,a=R/xn;if(tt&&!kn&&H.left>=0){H.left*=s,H.top*=
a,Qn&&Ut(Qn,qe(H.left),0,J,R),Xn&&Ut(Xn,0,qe(H.top),J,R);for(let c=0;c<kt.length;c++){let d=kt[c];d!=null&&(jn[c]*=s,Un[c]*=a,Ut(d,Lt(jn[c]),Lt(Un[c]),J,R))}}if(Te.
show&&!oo&&Te.left>=0&&Te.width>0){Te.left*=s,Te.width*=s,Te.top*=a,Te.height*=a;for(let c in ls)Me(nl,c,Te[c])}Bn=ye,vn=Ie,zt=J,xn=R}Ue("setSize"),lo=!1}$t>0&&
yn>0&&(h.clearRect(0,0,w.width,w.height),Ue("drawClear"),Z.forEach(s=>s()),Ue("draw")),Te.show&&oo&&(co(Te),oo=!1),tt&&kn&&(_n(null,!0,!1),kn=!1),ee.show&&ee.live&&
xt&&(ts(),xt=!1),f||(f=!0,l.status=1,Ue("ready")),Ll=!1,uo=!1}l.redraw=(s,a)=>{Gn=a||!1,s!==!1?an(A,_.min,_.max):$n()};function Qo(s,a){let c=M[s];if(c.from==null){
if($e==0){let d=c.range(l,a.min,a.max,s);a.min=d[0],a.max=d[1]}if(a.min>a.max){let d=a.min;a.min=a.max,a.max=d}if($e>1&&a.min!=null&&a.max!=null&&a.max-a.min<1e-16)
return;s==A&&c.distr==2&&$e>0&&(a.min=Nt(a.min,t[0]),a.max=Nt(a.max,t[0]),a.min==a.max&&a.max++),I[s]=a,No=!0,$n()}}l.setScale=Qo;let Xo,es,Qn,Xn,Mi,_i,el,tl,Li,
Ci,ke,Ee,rn=!1,Qe=H.drag,Ke=Qe.x,je=Qe.y;tt&&(H.x&&(Xo=_t(ac,T)),H.y&&(es=_t(uc,T)),_.ori==0?(Qn=Xo,Xn=es):(Qn=es,Xn=Xo),ke=H.left,Ee=H.top);let Te=l.select=Fe(
{show:!0,over:!0,left:0,width:0,top:0,height:0},e.select),nl=Te.show?_t(rc,Te.over?T:L):null;function co(s,a){if(Te.show){for(let c in s)Te[c]=s[c],c in ls&&Me(
nl,c,s[c]);a!==!1&&Ue("setSelect")}}l.setSelect=co;function Iu(s){if(S[s].show)We&&vs(Re[s],An);else if(We&&gt(Re[s],An),tt){let c=Kn?kt[0]:kt[s];c!=null&&Ut(c,
-10,-10,J,R)}}function an(s,a,c){Qo(s,{min:a,max:c})}function Bt(s,a,c,d){a.focus!=null&&Yu(s),a.show!=null&&S.forEach((m,g)=>{g>0&&(s==g||s==null)&&(m.show=a.show,
Iu(g),o==2?(an(m.facets[0].scale,null,null),an(m.facets[1].scale,null,null)):an(m.scale,null,null),$n())}),c!==!1&&Ue("setSeries",s,a),d&&Dl("setSeries",l,s,a)}
l.setSeries=Bt;function zu(s,a){Fe(Q[s],a)}function qu(s,a){s.fill=oe(s.fill||null),s.dir=ae(s.dir,-1),a=a??Q.length,Q.splice(a,0,s)}function Bu(s){s==null?Q.length=
0:Q.splice(s,1)}l.addBand=qu,l.setBand=zu,l.delBand=Bu;function Gu(s,a){S[s].alpha=a,tt&&kt[s]!=null&&(kt[s].style.opacity=a),We&&Re[s]&&(Re[s].style.opacity=a)}
let Qt,un,Mn,ll={focus:!0};function Yu(s){if(s!=Mn){let a=s==null,c=qt.alpha!=1;S.forEach((d,m)=>{if(o==1||m>0){let g=a||m==0||m==s;d._focus=a?null:g,c&&Gu(m,g?
1:qt.alpha)}}),Mn=s,c&&$n()}}We&&Yn&&nt(Qi,de,s=>{H._lock||(Tn(s),Mn!=null&&Bt(null,ll,!0,He.setSeries))});function Gt(s,a,c){let d=M[a];c&&(s=s/fe-(d.ori==1?Ie:
ye));let m=J;d.ori==1&&(m=R,s=m-s),d.dir==-1&&(s=m-s);let g=d._min,y=d._max,x=s/m,k=g+(y-g)*x,C=d.distr;return C==3?ul(10,k):C==4?_c(k,d.asinh):C==100?d.bwd(k):
k}function Ku(s,a){let c=Gt(s,A,a);return Nt(c,t[0],Ge,Ye)}l.valToIdx=s=>Nt(s,t[0]),l.posToIdx=Ku,l.posToVal=Gt,l.valToPos=(s,a,c)=>M[a].ori==0?i(s,M[a],c?at:J,
c?ft:0):u(s,M[a],c?Rt:R,c?vt:0),l.setCursor=(s,a,c)=>{ke=s.left,Ee=s.top,_n(null,a,c)};function Ei(s,a){Me(nl,il,Te.left=s),Me(nl,Fl,Te.width=a)}function Ri(s,a){
Me(nl,"top",Te.top=s),Me(nl,Ol,Te.height=a)}let El=_.ori==0?Ei:Ri,Rl=_.ori==1?Ei:Ri;function ju(){if(We&&ee.live)for(let s=o==2?1:0;s<S.length;s++){if(s==0&&yt)
continue;let a=ee.values[s],c=0;for(let d in a)It[s][c++].firstChild.nodeValue=a[d]}}function ts(s,a){if(s!=null&&(s.idxs?s.idxs.forEach((c,d)=>{me[d]=c}):Rc(s.
idx)||me.fill(s.idx),ee.idx=me[0]),We&&ee.live){for(let c=0;c<S.length;c++)(c>0||o==1&&!yt)&&Uu(c,me[c]);ju()}xt=!1,a!==!1&&Ue("setLegend")}l.setLegend=ts;function Uu(s,a){
let c=S[s],d=s==0&&$==2?Vt:t[s],m;yt?m=c.values(l,s,a)??on:(m=c.value(l,a==null?null:d[a],s,a),m=m==null?on:{_:m}),ee.values[s]=m}function _n(s,a,c){Li=ke,Ci=Ee,
[ke,Ee]=H.move(l,ke,Ee),H.left=ke,H.top=Ee,tt&&(Qn&&Ut(Qn,qe(ke),0,J,R),Xn&&Ut(Xn,0,qe(Ee),J,R));let d,m=Ge>Ye;Qt=we,un=null;let g=_.ori==0?J:R,y=_.ori==1?J:R;if(ke<
0||$e==0||m){d=H.idx=null;for(let x=0;x<S.length;x++){let k=kt[x];k!=null&&Ut(k,-10,-10,J,R)}Yn&&Bt(null,ll,!0,s==null&&He.setSeries),ee.live&&(me.fill(d),xt=!0)}else{
let x,k,C;o==1&&(x=_.ori==0?ke:Ee,k=Gt(x,A),d=H.idx=Nt(k,t[0],Ge,Ye),C=P(t[0][d],_,g,0));let E=-10,V=-10,j=0,ue=0,re=!0,te="",G="";for(let F=o==2?1:0;F<S.length;F++){
let Se=S[F],De=me[F],Ze=De==null?null:o==1?t[F][De]:t[F][1][De],he=H.dataIdx(l,F,d,k),Ae=he==null?null:o==1?t[F][he]:t[F][1][he];if(xt=xt||Ae!=Ze||he!=De,me[F]=
he,F>0&&Se.show){let dt=he==null?-10:he==d?C:P(o==1?t[0][he]:t[F][0][he],_,g,0),lt=Ae==null?-10:K(Ae,o==1?M[Se.scale]:M[Se.facets[1].scale],y,0);if(Yn&&Ae!=null){
let Tt=_.ori==1?ke:Ee,Dt=Be(qt.dist(l,F,he,lt,Tt));if(Dt<Qt){let Yt=qt.bias;if(Yt!=0){let pt=Gt(Tt,Se.scale),St=Ae>=0?1:-1,At=pt>=0?1:-1;At==St&&(At==1?Yt==1?Ae>=
pt:Ae<=pt:Yt==1?Ae<=pt:Ae>=pt)&&(Qt=Dt,un=F)}else Qt=Dt,un=F}}if(xt||Kn){let Tt,Dt;_.ori==0?(Tt=dt,Dt=lt):(Tt=lt,Dt=dt);let Yt,pt,St,At,Kt,ot,mt=!0,Ln=et.bbox;if(Ln!=
null){mt=!1;let st=Ln(l,F);St=st.left,At=st.top,Yt=st.width,pt=st.height}else St=Tt,At=Dt,Yt=pt=et.size(l,F);if(ot=et.fill(l,F),Kt=et.stroke(l,F),Kn)F==un&&Qt<=
qt.prox&&(E=St,V=At,j=Yt,ue=pt,re=mt,te=ot,G=Kt);else{let st=kt[F];st!=null&&(jn[F]=St,Un[F]=At,sr(st,Yt,pt,mt),lr(st,ot,Kt),Ut(st,Lt(St),Lt(At),J,R))}}}}if(Kn){
let F=qt.prox,Se=Mn==null?Qt<=F:Qt>F||un!=Mn;if(xt||Se){let De=kt[0];De!=null&&(jn[0]=E,Un[0]=V,sr(De,j,ue,re),lr(De,te,G),Ut(De,Lt(E),Lt(V),J,R))}}}if(Te.show&&
rn)if(s!=null){let[x,k]=He.scales,[C,E]=He.match,[V,j]=s.cursor.sync.scales,ue=s.cursor.drag;if(Ke=ue._x,je=ue._y,Ke||je){let{left:re,top:te,width:G,height:F}=s.
select,Se=s.scales[V].ori,De=s.posToVal,Ze,he,Ae,dt,lt,Tt=x!=null&&C(x,V),Dt=k!=null&&E(k,j);Tt&&Ke?(Se==0?(Ze=re,he=G):(Ze=te,he=F),Ae=M[x],dt=P(De(Ze,V),Ae,g,
0),lt=P(De(Ze+he,V),Ae,g,0),El(Wt(dt,lt),Be(lt-dt))):El(0,g),Dt&&je?(Se==1?(Ze=re,he=G):(Ze=te,he=F),Ae=M[k],dt=K(De(Ze,j),Ae,y,0),lt=K(De(Ze+he,j),Ae,y,0),Rl(Wt(
dt,lt),Be(lt-dt))):Rl(0,y)}else os()}else{let x=Be(Li-Mi),k=Be(Ci-_i);if(_.ori==1){let j=x;x=k,k=j}Ke=Qe.x&&x>=Qe.dist,je=Qe.y&&k>=Qe.dist;let C=Qe.uni;C!=null?
Ke&&je&&(Ke=x>=C,je=k>=C,!Ke&&!je&&(k>x?je=!0:Ke=!0)):Qe.x&&Qe.y&&(Ke||je)&&(Ke=je=!0);let E,V;Ke&&(_.ori==0?(E=el,V=ke):(E=tl,V=Ee),El(Wt(E,V),Be(V-E)),je||Rl(
0,y)),je&&(_.ori==1?(E=el,V=ke):(E=tl,V=Ee),Rl(Wt(E,V),Be(V-E)),Ke||El(0,g)),!Ke&&!je&&(El(0,0),Rl(0,0))}if(Qe._x=Ke,Qe._y=je,s==null){if(c){if(zi!=null){let[x,
k]=He.scales;He.values[0]=x!=null?Gt(_.ori==0?ke:Ee,x):null,He.values[1]=k!=null?Gt(_.ori==1?ke:Ee,k):null}Dl(ds,l,ke,Ee,J,R,d)}if(Yn){let x=c&&He.setSeries,k=qt.
prox;Mn==null?Qt<=k&&Bt(un,ll,!0,x):Qt>k?Bt(null,ll,!0,x):un!=Mn&&Bt(un,ll,!0,x)}}xt&&(ee.idx=d,ts()),a!==!1&&Ue("setCursor")}let cn=null;Object.defineProperty(
l,"rect",{get(){return cn==null&&Vl(!1),cn}});function Vl(s=!1){s?cn=null:(cn=T.getBoundingClientRect(),Ue("syncRect",cn))}function Vi(s,a,c,d,m,g,y){H._lock||rn&&
s!=null&&s.movementX==0&&s.movementY==0||(ns(s,a,c,d,m,g,y,!1,s!=null),s!=null?_n(null,!0,!0):_n(a,!0,!1))}function ns(s,a,c,d,m,g,y,x,k){if(cn==null&&Vl(!1),Tn(
s),s!=null)c=s.clientX-cn.left,d=s.clientY-cn.top;else{if(c<0||d<0){ke=-10,Ee=-10;return}let[C,E]=He.scales,V=a.cursor.sync,[j,ue]=V.values,[re,te]=V.scales,[G,
F]=He.match,Se=a.axes[0].side%2==1,De=_.ori==0?J:R,Ze=_.ori==1?J:R,he=Se?g:m,Ae=Se?m:g,dt=Se?d:c,lt=Se?c:d;if(re!=null?c=G(C,re)?r(j,M[C],De,0):-10:c=De*(dt/he),
te!=null?d=F(E,te)?r(ue,M[E],Ze,0):-10:d=Ze*(lt/Ae),_.ori==1){let Tt=c;c=d,d=Tt}}k&&(a==null||a.cursor.event.type==ds)&&((c<=1||c>=J-1)&&(c=Vn(c,J)),(d<=1||d>=R-
1)&&(d=Vn(d,R))),x?(Mi=c,_i=d,[el,tl]=H.move(l,c,d)):(ke=c,Ee=d)}let ls={width:0,height:0,left:0,top:0};function os(){co(ls,!1)}let Di,Ai,Pi,Hi;function Fi(s,a,c,d,m,g,y){
rn=!0,Ke=je=Qe._x=Qe._y=!1,ns(s,a,c,d,m,g,y,!0,!1),s!=null&&(nt(ps,bs,Oi,!1),Dl(Ji,l,el,tl,J,R,null));let{left:x,top:k,width:C,height:E}=Te;Di=x,Ai=k,Pi=C,Hi=E}
function Oi(s,a,c,d,m,g,y){rn=Qe._x=Qe._y=!1,ns(s,a,c,d,m,g,y,!1,!0);let{left:x,top:k,width:C,height:E}=Te,V=C>0||E>0,j=Di!=x||Ai!=k||Pi!=C||Hi!=E;if(V&&j&&co(Te),
Qe.setScale&&V&&j){let ue=x,re=C,te=k,G=E;if(_.ori==1&&(ue=k,re=E,te=x,G=C),Ke&&an(A,Gt(ue,A),Gt(ue+re,A)),je)for(let F in M){let Se=M[F];F!=A&&Se.from==null&&Se.
min!=we&&an(F,Gt(te+G,F),Gt(te,F))}os()}else H.lock&&(H._lock=!H._lock,_n(a,!0,s!=null));s!=null&&(qn(ps,bs),Dl(ps,l,ke,Ee,J,R,null))}function Zu(s,a,c,d,m,g,y){
if(H._lock)return;Tn(s);let x=rn;if(rn){let k=!0,C=!0,E=10,V,j;_.ori==0?(V=Ke,j=je):(V=je,j=Ke),V&&j&&(k=ke<=E||ke>=J-E,C=Ee<=E||Ee>=R-E),V&&k&&(ke=ke<el?0:J),j&&
C&&(Ee=Ee<tl?0:R),_n(null,!0,!0),rn=!1}ke=-10,Ee=-10,me.fill(null),_n(null,!0,!0),x&&(rn=x)}function Ni(s,a,c,d,m,g,y){H._lock||(Tn(s),Io(),os(),s!=null&&Dl(Xi,
l,ke,Ee,J,R,null))}function Wi(){z.forEach(jf),Wo(l.width,l.height,!0)}Pn(bo,al,Wi);let ol={};ol.mousedown=Fi,ol.mousemove=Vi,ol.mouseup=Oi,ol.dblclick=Ni,ol.setSeries=
(s,a,c,d)=>{let m=He.match[2];c=m(l,a,c),c!=-1&&Bt(c,d,!0,!1)},tt&&(nt(Ji,T,Fi),nt(ds,T,Vi),nt($i,T,s=>{Tn(s),Vl(!1)}),nt(Qi,T,Zu),nt(Xi,T,Ni),_s.add(l),l.syncRect=
Vl);let fo=l.hooks=e.hooks||{};function Ue(s,a,c){$o?Cl.push([s,a,c]):s in fo&&fo[s].forEach(d=>{d.call(null,l,a,c)})}(e.plugins||[]).forEach(s=>{for(let a in s.
hooks)fo[a]=(fo[a]||[]).concat(s.hooks[a])});let Ii=(s,a,c)=>c,He=Fe({key:null,setSeries:!1,filters:{pub:cr,sub:cr},scales:[A,S[1]?S[1].scale:null],match:[fr,fr,
Ii],values:[null,null]},H.sync);He.match.length==2&&He.match.push(Ii),H.sync=He;let zi=He.key,ss=ra(zi);function Dl(s,a,c,d,m,g,y){He.filters.pub(s,a,c,d,m,g,y)&&
ss.pub(s,a,c,d,m,g,y)}ss.sub(l);function Ju(s,a,c,d,m,g,y){He.filters.sub(s,a,c,d,m,g,y)&&ol[s](null,a,c,d,m,g,y)}l.pub=Ju;function $u(){ss.unsub(l),_s.delete(l),
bn.clear(),xs(bo,al,Wi),p.remove(),de?.remove(),Ue("destroy")}l.destroy=$u;function is(){Ue("init",e,t),wi(t||e.data,!1),I[A]?Qo(A,I[A]):Io(),oo=Te.show&&(Te.width>
0||Te.height>0),kn=xt=!0,Wo(e.width,e.height)}return S.forEach(hi),z.forEach(Eu),n?n instanceof HTMLElement?(n.appendChild(p),is()):n(l,is):is(),l}Ve.assign=Fe;
Ve.fmtNum=As;Ve.rangeNum=yo;Ve.rangeLog=ko;Ve.rangeAsinh=Vs;Ve.orient=Fn;Ve.pxRatio=fe;Ve.join=Oc;Ve.fmtDate=Hs,Ve.tzDate=Uc;Ve.sync=ra;{Ve.addGap=Vf,Ve.clipGaps=
Mo;let e=Ve.paths={points:pa};e.linear=ha,e.stepped=Pf,e.bars=Hf,e.spline=Of}var On=24,qs=new Map,ql=null,Bl=null;function Bs(){qs=new Map,ql=null,Bl=null}function Oe(e){let t=qs.get(e);return t===void 0&&(t=getComputedStyle(document.documentElement).
getPropertyValue("--"+e).trim(),qs.set(e,t)),t}function Uf(e,t,n){let l=(o,i)=>parseInt(o.slice(1+i*2,3+i*2),16);return"rgb("+[0,1,2].map(o=>Math.round(l(e,o)+(l(
t,o)-l(e,o))*n)).join(",")+")"}function Gs(){if(ql)return ql;let e=Oe("heat").split(/\s+/);return ql=Array.from({length:On},(t,n)=>{let l=n/(On-1)*(e.length-1),
o=Math.min(e.length-2,Math.floor(l));return Uf(e[o],e[o+1],l-o)}),ql}function Gl(e){let t=e.getContext("2d");if(!t)throw new Error("this browser cannot draw on \
a canvas");return t}function ya(e){if(Bl)return Bl;let t=Math.round(8*Ve.pxRatio),n=v("canvas",{width:t,height:t}),l=Gl(n);l.strokeStyle=Oe("hatch"),l.lineWidth=
Ve.pxRatio;for(let o of[-t,0,t])l.beginPath(),l.moveTo(o,t),l.lineTo(o+t,0),l.stroke();return Bl=e.createPattern(n,"repeat"),Bl??Oe("hatch")}function Yl(e){let{definition:t}=e;return t.alwaysLogarithmic||(e.logarithmic??!!t.log?.(e.facts,e.model))}var Zf=e=>e.map(t=>ce(t)?t:null);function Kl(e){let t=e.
definition.x(e.facts,e.model);if(!e.definition.stacked)return[t,...e.lines.map(o=>Zf(o.values))];let n=new Array(t.length).fill(null),l=[];for(let o of[...e.lines].
reverse()){for(let i=0;i<t.length;i+=1){let u=e.hidden.has(o.key)?null:o.values[i];ce(u)&&(n[i]=(n[i]??0)+u)}l.unshift(n.slice())}return[t,...l]}var jl={from:null,to:0},gl=[];function Eo(e){return jl.from===null?[0,Math.max(e.facts.end,1)]:[jl.from,jl.to]}function Ul(e,t=0){jl.from=e,jl.to=t;for(let n of gl){
n.reset.hidden=e===null;let[l,o]=Eo(n);n.uplot?.setScale("x",{min:l,max:o})}}function va(e,t){let[n,l]=Eo(e),o=e.uplot?.cursor.idx,i=ce(o)?e.facts.middle[o]:(n+
l)/2,u=(l-n)*t/2,r=Math.max(e.facts.end,1);if(u*2>=r)return Ul(null);if(u*2<e.facts.step*2)return;let f=Math.min(Math.max(0,i-u),r-u*2);Ul(f,f+u*2)}function Zl(e){
if(e.definition.overTime)return Ul(null);e.reset.hidden=!0,e.zoomed=null,e.uplot?.setData(e.uplot.data)}var Ys=200;function xa(e){if(e.legend.replaceChildren(),e.outputs=[],e.when=v("span",{class:"when"}),e.definition.legend){e.definition.legend(e);return}let{stacked:t}=e.
definition;for(let n of e.lines){let l=v("output"),o=v("span",{class:"swatch"+(t?" area":n.dash?n.dash[0]>3?" dash":" dot":""),"aria-hidden":"true"});o.style[t?
"background":"borderTopColor"]="var(--"+n.colour+")",e.outputs.push(l);let i=v("button",{type:"button","aria-pressed":String(!e.hidden.has(n.key)),title:"Show o\
r hide"},o,v("span",{},n.label),l);e.legend.append(fn(i,{click:()=>Jf(e,n.key,i)}))}e.legend.append(e.when)}function Jf(e,t,n){e.hidden.has(t)?e.hidden.delete(t):
e.hidden.add(t),n.setAttribute("aria-pressed",String(!e.hidden.has(t))),e.definition.stacked?e.uplot?.setData(Kl(e)):e.uplot?.setSeries(e.lines.findIndex(l=>l.key===
t)+1,{show:!e.hidden.has(t)})}function ka(e){let t=e.uplot?.cursor;return t&&ce(t.left)&&t.left>=0&&ce(t.idx)?t.idx:null}function Jl(e){let t=ka(e);Y(e.when,t===
null?"":"at "+e.definition.place(e,t)),e.definition.readCursor?.(e,t);for(let[n,l]of e.outputs.entries())Y(l,t===null?"":e.definition.format(e.lines[n].values[t]))}
function Ta(e){if(!e.byKey)return;e.byKey=!1;let t=e.definition.overTime?gl:[e];for(let n of t)n.uplot?.setCursor({left:-10,top:-10})}function Sa(e,t){if(!e.uplot||
t.ctrlKey||t.metaKey||t.altKey)return;let n=e.uplot.data[0],{min:l=-1/0,max:o=1/0}=e.uplot.scales.x,i=n.findIndex(w=>w>=l),u=n.length-1;for(;u>0&&n[u]>o;)u-=1;i<
0&&(i=0);let r=ka(e),f=t.shiftKey?10:1,p={ArrowRight:r===null?i:r+f,ArrowLeft:r===null?u:r-f,Home:i,End:u};t.key in p?(t.preventDefault(),$f(e,Math.min(u,Math.max(
i,p[t.key])))):e.definition.overTime&&(t.key==="+"||t.key==="-")?(t.preventDefault(),va(e,t.key==="+"?.5:2)):(t.key==="0"||t.key==="Escape")&&Zl(e)}function $f(e,t){
let n=e.uplot?.data[0][t]??0;for(let o of e.definition.overTime?gl:[e]){if(!o.uplot||o.figure.hidden)continue;let i=o.uplot.setCursor;i({left:o.uplot.valToPos(n,
"x"),top:o.uplot.over.clientHeight/2},!0,!1),Jl(o)}e.byKey=!0;let l=e.definition.speak?e.definition.speak(e,t):e.lines.map(o=>o.label+" "+e.definition.format(o.
values[t])).join(", ");jt("At "+e.definition.place(e,t)+": "+l)}function Ks(e){if(!e.details.open||!e.lines.length)return;let{columns:t,rows:n,note:l}=e.definition.
rows(e.facts,e.model,e.lines),o=Cn(e.definition.heading,t,n),i=e.tableHost.querySelector(".scroll"),u=i?[i.scrollLeft,i.scrollTop]:[0,0],r=i&&i===document.activeElement,
f=Xt(e.definition.heading+" as a table",o,"tall fit");e.tableHost.replaceChildren(...l?[v("p",{class:"muted"},l)]:[],f),[f.scrollLeft,f.scrollTop]=u,r&&f.focus(
{preventScroll:!0})}function wl(e,t,n,l){let o=Math.max(1,Math.ceil(e.at.length/Ys)),i=[];for(let f=0;f<e.at.length;f+=o){let p=t.map(({values:w})=>{let h=as(w.
slice(f,f+o));return h.length?n==="rate"?mn(h)/h.length:ze(h):null});i.push([Pt(e.at[f],e.end),...p.map(l)])}let u=ht(o*e.step),r=o*e.step>1?"Each row is "+u+(n===
"rate"?": the mean rate of that time.":": the highest value of that time."):null;return{columns:["from",...t.map(({label:f})=>f)],rows:i,note:r}}function bl(e,t){
return e.map(({label:n,values:l})=>{let[o,i]=[en(l),ze(l)];return o===null?n+" not known":o===i?n+" "+t(o):n+" "+t(o)+" to "+t(i)}).join("; ")+"."}function Qf(e,t){
let{at:n,step:l,end:o}=e.facts;return Pt(n[t],o)+(l>1?" to "+Pt(n[t]+l,o):"")}var wn={overTime:!0,x:e=>e.middle,labelX:"time since the start",place:Qf};function Ma(e){let t=[];for(let n of[...e.model.missing].sort((l,o)=>l.from_s-o.from_s)){let l=t[t.length-1];l&&n.from_s<=l.to_s?l.to_s=Math.max(l.to_s,n.to_s):
t.push({from_s:n.from_s,to_s:n.to_s})}return t}function js(e,{from_s:t,to_s:n}){let{left:l,width:o}=e.bbox,i=Math.max(l,e.valToPos(t,"x",!0)),u=Math.min(l+o,e.valToPos(
n,"x",!0));return u>i?{begin:i,width:u-i}:null}function _a(e,t){let{ctx:n,bbox:l}=e,o=(i,u)=>{let r=js(e,i);if(r)for(let f of u)n.fillStyle=f(),n.fillRect(r.begin,
l.top,r.width,l.height)};n.save();for(let i of t.model.phases)i.measured||o(i,[()=>Oe("shade")]);for(let i of Ma(t))o(i,[()=>Oe("hatch-ground"),()=>ya(n)]);n.restore()}
function La(e,t){let{ctx:n,bbox:l}=e,o=Ve.pxRatio;n.save(),n.font=11*o+"px system-ui, sans-serif",n.textBaseline="middle",n.textAlign="left",t.definition.strip&&
Xf(e,t,n,o);for(let i of Ma(t)){let u=js(e,i),r=u&&Ca(n,["a worker’s part is missing","part missing","missing"],u.width-10*o);r&&(n.fillStyle=Oe("panel"),n.fillRect(
u.begin+3*o,l.top+3*o,n.measureText(r).width+8*o,16*o),n.fillStyle=Oe("warn"),n.fillText(r,u.begin+7*o,l.top+11.5*o))}n.restore()}function Xf(e,t,n,l){for(let o of t.
model.phases){let i=js(e,o);if(!i)continue;let u=e.bbox.top-17*l;n.fillStyle=Oe(o.measured?"busy-ground":"shade"),n.fillRect(i.begin+l/2,u,Math.max(l,i.width-l),
15*l);let r=o.text.split(" ")[0],f=o.measured?[o.text,r]:[o.text+", not measured",r+", not measured","not measured",r],p=Ca(n,f.map(Ft),i.width-8*l);n.fillStyle=
Oe(o.measured?"busy":"muted"),p&&n.fillText(p,i.begin+4*l,u+8*l)}}function Ca(e,t,n){return t.find(l=>e.measureText(l).width<=n)??null}var _e={ready:!1,charts:{},model:null,past:[],format:{count:ve,time:ne,rate:Xe,duration:ht,percentile:En,instant:po}};window.vajraPage=_e;var Ro=document.body.dataset.
live==="1";var Vo=230,Ea="12px system-ui, sans-serif",$l=new Map;function Nn(e,t,n,l){let o=$l.get(t.key);if(!o){if(!t.draw(n,l))return!1;o=ed(e,t,n,l),$l.set(t.key,o)}return nd(
o,n,l)}function ed(e,t,n,l){let o=v("div"),i=v("div",{class:"plot",role:"img",tabindex:"0"}),u=v("details",{class:"data"},v("summary",{},"As a table"),o),r=v("d\
iv"),f=v("div",{class:"legend",role:"group","aria-label":"Series of this chart"}),p=dn("Reset zoom",()=>{Zl(b),i.focus()},{hidden:!0}),w=t.log?dn("",()=>td(b)):
null,h=v("figure",{class:"chart",id:"chart-"+t.key},v("figcaption",{class:"chart-head"},v("h3",{},t.heading),v("span",{class:"muted"},t.hint)),v("div",{class:"c\
hart-head"},f,v("div",{class:"tools"},w,p)),i,r,u),b={definition:t,figure:h,legend:f,plot:i,below:r,tableHost:o,details:u,reset:p,scale:w,facts:n,model:l,when:v(
"span",{class:"when"}),outputs:[],hidden:new Set,met:new Set,uplot:null,lines:[],shape:"",logarithmic:null,zoomed:null,byKey:!1};return fn(i,{keydown:L=>Sa(b,L),
blur:()=>Ta(b)}),fn(u,{toggle:()=>Ks(b)}),e.append(h),new ResizeObserver(()=>dd(b)).observe(i),t.overTime&&gl.push(b),b}function td(e){e.logarithmic=!Yl(e),Da(e)}
var Va=e=>JSON.stringify([e.lines.map(t=>t.key),Yl(e)]);function nd(e,t,n){let{definition:l}=e,o=l.draw(t,n);if(e.figure.hidden=o===null,!o)return!1;e.facts=t,e.
model=n,e.lines=o;for(let i of o)i.optional&&!e.met.has(i.key)&&e.hidden.add(i.key),e.met.add(i.key);return!e.uplot||e.shape!==Va(e)?Da(e):(e.uplot.setData(Kl(e)),
Jl(e)),e.plot.setAttribute("aria-label",l.describe(t,n)+" Arrow keys read the values."),l.below?.(e),e.details.open&&Ks(e),!0}function Da(e){e.shape=Va(e),e.uplot?.
destroy(),e.scale&&Y(e.scale,Yl(e)?"Linear scale":"Logarithmic scale"),xa(e);let t=new Ve(ld(e),Kl(e),e.plot);e.uplot=t,_e.charts[e.definition.key]=t;for(let[n,
l]of e.lines.entries())e.hidden.has(l.key)&&!e.definition.stacked&&t.setSeries(n+1,{show:!1});Jl(e)}function ld(e){let{definition:t}=e,n=Yl(e),l=e.plot.clientWidth<
480,o={stroke:()=>Oe("muted"),font:Ea,labelFont:Ea,grid:{stroke:()=>Oe("grid"),width:1},ticks:{stroke:()=>Oe("grid"),width:1,size:5}},i=(r,f)=>t.overTime?Eo(e):
t.rangeX?.(e,r,f)??[r,f],u=(r,f)=>t.rangeY?.(e)??ad(r,f*(rd(e)?1.2:1),n);return{width:e.plot.clientWidth||600,height:t.height??Vo,padding:[t.strip?20:10,26,0,0],
legend:{show:!1},scales:{x:{time:!1,range:(r,f,p)=>i(f,p)},y:{auto:!0,distr:n?3:1,log:10,range:(r,f,p)=>u(f,p)}},axes:[{...o,label:typeof t.labelX=="string"?t.labelX:
t.labelX(e.model),labelSize:18,size:30,gap:3,space:l?58:70,...t.overTime?fd(e):t.axisX?.(e)},{...o,label:t.labelY,labelSize:18,size:l?55:60,gap:4,space:28,values:(r,f)=>f.
map(t.tick),...n?{splits:(r,f,p,w)=>cd(p,w),filter:(r,f)=>f}:{}}],series:[{},...e.lines.map((r,f)=>sd(e,r,f))],cursor:od(e),hooks:{drawClear:t.overTime?[r=>_a(r,
e)]:[],drawAxes:t.paint?[r=>t.paint?.(r,e)]:[],draw:t.overTime?[r=>La(r,e)]:[],setCursor:[()=>Jl(e)],setSelect:[r=>pd(r,e)],ready:[md]}}}function od(e){let{definition:t}=e;
return{y:!!t.cursorY,points:{show:!t.stacked&&!t.cursorY,size:7},drag:{x:!0,y:!1,setScale:!1},bind:{dblclick:()=>()=>(Zl(e),null)},...t.overTime&&{sync:{key:"ti\
me",setSeries:!1,scales:["x",null],filters:{pub:n=>n==="mousemove"||n==="mouseleave"}}}}}function sd(e,t,n){let{definition:l}=e,o=()=>Oe(t.colour),i=l.points||e.
facts.at.length<=45&&l.overTime,u={label:t.label,stroke:o,width:t.width??1.6,dash:t.dash,spanGaps:!1};return l.stacked?{...u,fill:o,width:0,points:{show:!1},paths:Ve.
paths.bars?.({size:[.92,40],align:0})}:t.invisible?{...u,show:!0,paths:()=>null,points:{show:!1}}:{...u,points:{show:i&&!t.dash,size:4,fill:o,stroke:o,width:0,filter:i&&
!t.dash?void 0:(r,f,p,w)=>id(e.lines[n].values,w)}}}function id(e,t){if(e.length>1&&(!t||!t.length))return null;let n=[];for(let l=0;l<e.length;l+=1)ce(e[l])&&!ce(
e[l-1])&&!ce(e[l+1])&&n.push(l);return n.length?n:null}var rd=e=>!!e.definition.overTime&&e.model.missing.length>0;function ad(e,t,n){return n?e>0?[Ra(e),Math.max(
ud(t),Ra(e)*10)]:[.1,10]:[0,t>0?t*1.08:1]}function Ra(e){let t=10**Math.floor(Math.log10(e)+1e-9);return[5,2].map(n=>n*t).find(n=>n<=e*1.000001)??t}function ud(e){
let t=10**Math.floor(Math.log10(e)+1e-9);return[1,2,5].map(n=>n*t).find(n=>n>=e*.999999)??t*10}function cd(e,t){let l=Math.log10(t/e)<=3.4?[1,2,5]:[1],o=[];for(let i=Math.
floor(Math.log10(e));i<=Math.ceil(Math.log10(t));i+=1)for(let u of l){let r=u*10**i;r>=e*.999&&r<=t*1.001&&o.push(r)}return o}function fd(e){return{incrs:[1,2,5,
10,15,20,30,60,120,300,600,900,1800,3600,7200],values:(t,n)=>n.map(l=>Pt(l,e.facts.end))}}function dd(e){let t=e.plot.clientWidth;!e.uplot||!t||t===e.uplot.width||
e.uplot.setSize({width:t,height:e.definition.height??Vo})}function pd(e,t){if(e.select.width<5)return;let n=e.posToVal(e.select.left,"x"),l=e.posToVal(e.select.
left+e.select.width,"x");e.setSelect({left:0,top:0,width:0,height:0},!1),t.definition.overTime?l-n>=t.facts.step&&Ul(Math.max(0,n),l):(t.zoomed=[n,l],t.reset.hidden=
!1,e.setScale("x",{min:n,max:l}))}function md(e){e.over.addEventListener("pointermove",t=>{if(t.pointerType!=="touch")return;let n=e.over.getBoundingClientRect();
e.setCursor({left:t.clientX-n.left,top:t.clientY-n.top})})}var Us="all",yl="request ",vl="failure ",Ct={made:Us},hd={p50:[],p90:[],p99:[],p99_9:[],max:[],heat:[]};function Aa(e){let t=Pl(e.seconds,e.heat),n=e.choices.find(
i=>yl+i.name===Ct.made),l=e.requests.find(i=>yl+i.name===Ct.made);if(n&&l){let i=ve(l.failed)+" failed",u=Pl(n.seconds,n.heat);return{facts:u,failed:u,waits:us(
n.waits,u),model:{...e,distribution:n.distribution,total:l,errors:i,against:null}}}let o=Ct.made.startsWith(vl)?Ct.made.slice(vl.length):null;return o&&t.kinds.
includes(o)?gd(e,t,o):{facts:t,failed:t,waits:us(e.waits,t),model:e}}function gd(e,t,n){let l={...t,kinds:[n],...hd,users:null,inFlight:[],connections:[],failuresOnly:!0},
o=e.total.failures[n]??0,i=ve(o)+" "+Ft(n),u=e.kinds.find(f=>f.name===n);return{facts:u?{...Pl(u.seconds,u.heat),end:t.end,failuresOnly:!0}:l,failed:l,waits:l,model:{
...e,distribution:u?.distribution??wd(e),errors:i,against:null}}}function wd(e){return e.distribution.filter(n=>n.name==="latency of failed").map(n=>({...n,name:"\
latency of all failed",shown:!0}))}function bd(e){return Ct.made===Us?[]:e.failures.filter(({kind:t,request:n})=>[vl+t,yl+n].includes(Ct.made))}function yd({count:e,
reason:t,request:n,origin:l,first:o}){let i=n+(l?" at "+l:""),u=o.length?"; first arrivals "+o.join(", "):"";return ve(e)+" × "+t+": "+i+u}function Pa(e,t){let n=Pl(
e.seconds,e.heat).kinds,l=N("choice");l.hidden=!e.seconds.at.length||e.choices.length+n.length===0;let o=e.choices.map(r=>r.name),i=()=>{let r=(w,h)=>v("option",
{value:w,selected:w===Ct.made},h),f=(w,h)=>h.length?v("optgroup",{label:w},...h):null,p=v("select",{id:"choice-select"},r(Us,"all requests"),f("requests of one \
name",o.map(w=>r(yl+w,w))),f("failures of one kind",n.map(w=>r(vl+w,Ft(w)))));return fn(p,{change:()=>{Ct.made=p.value,t()}})};ge(W(l,"select","span"),[o,n],()=>[
v("label",{for:"choice-select"},"Charts show "),i()]);let u=bd(e);ge(W(l,"reasons"),u,()=>[Mt(u.map(yd))]),Y(W(l,"note","p",{class:"muted"}),vd(e))}function vd(e){
return Ct.made.startsWith(vl)?e.kinds.some(n=>vl+n.name===Ct.made)?"Latency is that of measured requests, in at most 64 intervals of the run.":"The results of t\
his run do not contain latency by kind of failure: the distribution contains all failed requests.":Ct.made.startsWith(yl)?e.choices.find(n=>yl+n.name===Ct.made)?.
seconds.at.length?"For one name, the charts over time contain only measured requests, without planned and dropped arrivals.":"The snapshots of this run do not c\
ontain requests by name over time.":""}var Zs={passed:"✓",crossed:"✗",incomplete:"!",unjudged:"–",running:"…"},Do=e=>e.charAt(0).toUpperCase()+e.slice(1);function Js(e,t,n=!1){let l=e in Zs;return v(
"span",{class:"badge"+(n?" small":"")+" "+(l?e:"running")},v("span",{"aria-hidden":"true"},l?Zs[e]:"·"),Do(t))}var $s=e=>e.live!==null&&e.live.state!=="ended",
Qs=e=>e.started!==null;function Ha(e){Y(N("scenario"),e.scenario||"Load test"),Y(N("run-line"),e.heading),Ro&&(document.title=Do(e.verdict_word)+": "+e.scenario)}
function Fa(e){let t=N("verdict-body");ge(W(t,"line"),[e.verdict,e.summary],()=>[v("div",{class:"verdict-line"},Js(e.verdict,e.verdict_word),v("p",{},e.summary))]),
ge(W(t,"reasons"),e.reasons,()=>[Mt(e.reasons)]),ge(W(t,"limited"),e.limited,()=>xd(e));let n=W(t,"figures","dl",{class:"figures"});n.hidden=!e.figures.length,Xs(
n,e.figures),Y(W(t,"percentiles","p",{class:"text"}),e.percentiles_of??""),Y(W(t,"balance","p",{class:"text balance-line"}),e.balance_words.line),kd(W(t,"thresh\
olds"),e.thresholds,$s(e)?"Thresholds so far":"Thresholds"),ge(W(t,"notes"),e.notes,()=>e.notes.length?[v("h3",{},"Notes"),Mt(e.notes)]:[])}function xd({limited:e}){
if(!e)return[];let t=v("p",{},v("strong",{},e.title)," "+e.text);return[v("div",{class:"alert"},t,Mt(e.signs))]}function Xs(e,t){for(;e.children.length>t.length;)
e.lastChild?.remove();t.forEach((n,l)=>{let o=e.children[l]??e.appendChild(v("div",{},v("dt"),v("dd",{class:"value"}),v("dd",{class:"more"})));o.className!==n.tone&&
(o.className=n.tone),Y(o.children[0],n.label),Y(o.children[1],n.value),Y(o.children[2],n.more)})}function kd(e,t,n){if(!t.length)return ge(e,"none",()=>[v("p",{
class:"muted"},"The scenario has no thresholds.")]);let l=t.map(o=>[o.threshold,Td(o.word),o.word==="not met"?v("span",{class:"bad"},o.measured):o.measured,o.limit]);
return ge(e,[n,t],()=>[v("h3",{},n),Xt("Thresholds",Cn("Thresholds",["threshold","result","measured","limit"],l,2),"fit")])}function Td(e){let n={met:"passed","\
not met":"crossed"}[e],l=v("span",{"aria-hidden":"true"},n?Zs[n]:"…");return v("span",{class:"badge small "+(n??"unjudged")},l,e)}var Na=new WeakMap;function Wa(e){let[t,n,l,o]=[0,1/0,0,0];for(let{series:u}of e)if(u){t=Math.max(t,ze(u.rate)??0),o=Math.max(o,u.from_s+u.rate.length*u.step_s);
for(let r of u.p99)ce(r)&&r>0&&(n=Math.min(n,r),l=Math.max(l,r))}let i=l/n>20;return{rate:t||1,low:i?n:0,high:l,logarithmic:i,end:o||1}}function Ia(e,t,n){Na.set(
e,{series:t,scale:n})}function xl(e){let t=Na.get(e),n=window.devicePixelRatio||1,[l,o]=[e.clientWidth,e.clientHeight];if(!l||!t)return;let{series:i,scale:u}=t;
e.width=Math.round(l*n),e.height=Math.round(o*n);let r=Gl(e);r.scale(n,n);let f=Math.round(o/2),p=T=>(i.from_s+(T+.5)*i.step_s)/u.end*l,w=T=>f-3-T/u.rate*(f-6),
h=T=>u.logarithmic?Math.log(T/u.low)/Math.log(u.high/u.low):T/u.high,b=T=>o-5-h(T)*(o-f-8);r.strokeStyle=Oe("grid"),r.strokeRect(.5,f-2.5,l,0),r.strokeRect(.5,o-
4.5,l,0),Oa(r,i.rate,p,w,Oe("completed"));let L=i.p99.map(T=>ce(T)&&T>0?T:null);Oa(r,L,p,b,Oe("p99")),r.fillStyle=Oe("light-bad"),i.failed.forEach((T,D)=>{T>0&&
r.fillRect(p(D)-1,o-3,2,3)})}function Oa(e,t,n,l,o){e.strokeStyle=e.fillStyle=o,e.lineWidth=1.4,e.beginPath();let i=!1;t.forEach((u,r)=>{if(!ce(u)){i=!1;return}
let[f,p]=[n(r),l(u)];i?e.lineTo(f,p):e.moveTo(f,p),!i&&!ce(t[r+1])&&e.rect(f-.5,p-.5,1,1),i=!0}),e.stroke()}var za=new WeakMap,Zt=class{node;body=v("tbody");head=v("thead");foot=v("tfoot");order={key:"",direction:1};columns=[];rows=[];extra={};signature="";constructor(t,n,l=""){
let o=v("table",{},v("caption",{},n),this.head,this.body,this.foot);this.node=Xt(n,o,l),t.append(this.node)}update(t,n,l={}){let o=t.map(r=>r.key).join(`
`);[this.columns,this.rows,this.extra]=[t,n,l],o!==this.signature&&this.drawHead(o);let i=this.sorted().slice(0,l.limit??n.length),u=Math.max(...i.map(r=>t[0].text(
r).length),4);for(this.node.style.setProperty("--name",Math.min(40,u)+2+"ch");this.body.rows.length>i.length;)this.body.deleteRow(-1);i.forEach((r,f)=>qa(this.body.
rows[f]??this.body.appendChild(v("tr")),t,r,l.mark?.(r)??!1)),l.total?qa(this.foot.rows[0]??this.foot.appendChild(v("tr")),t,l.total,!1):this.foot.replaceChildren()}drawHead(t){
let n=document.activeElement,l=n instanceof HTMLElement&&this.head.contains(n)?n.dataset.key:null;this.signature=t,this.body.replaceChildren(),this.foot.replaceChildren();
let o=i=>v("th",{scope:"col",class:"sortable"+(i.number?" number":"")+(i.minor?" minor":""),title:i.title,"data-label":i.label},dn(i.label,()=>this.sortBy(i),{"\
data-key":i.key}));this.head.replaceChildren(v("tr",{},...this.columns.map(o))),this.showOrder();for(let i of this.head.querySelectorAll("button"))l&&i.dataset.
key===l&&i.focus({preventScroll:!0})}sortBy(t){let n=this.order.key===t.key?-this.order.direction:t.number?-1:1;this.order={key:t.key,direction:n},this.showOrder(),
this.update(this.columns,this.rows,this.extra),jt("Sorted by "+t.label+", "+(n>0?"ascending":"descending")+".")}showOrder(){for(let[t,n]of[...this.head.rows[0].
cells].entries())this.columns[t].key===this.order.key?n.setAttribute("aria-sort",this.order.direction>0?"ascending":"descending"):n.removeAttribute("aria-sort")}sorted(){
let t=this.columns.find(o=>o.key===this.order.key);if(!t)return this.rows;let n=t.value??t.text,{direction:l}=this.order;return[...this.rows].sort((o,i)=>{let[u,
r]=[n(o),n(i)],[f,p]=[u==null,r==null];return f||p?Number(f)-Number(p):typeof u=="number"&&typeof r=="number"?l*(u-r):l*String(u).localeCompare(String(r),"en",{
numeric:!0})})}};function qa(e,t,n,l){e.className=l?"odd":"",t.forEach((o,i)=>{let u=e.cells[i]??e.appendChild(v(i?"td":"th",i?{}:{scope:"row"})),f=[o.number&&"\
number",o.wide&&"wide",o.minor&&"minor",o.tone?.(n)].filter(Boolean).join(" ");u.className!==f&&(u.className=f);let p=o.text(n);if(!o.node)return Y(u,p);za.get(
u)!==p&&(za.set(u,p),u.replaceChildren(o.node(n)))})}function Je(e,t,n,l={}){return{key:e,label:t,number:!0,value:n,text:o=>ve(n(o)),...l}}function Ne(e,t,n,l={}){
return{key:e,label:t,number:!0,value:n,text:o=>ne(n(o)),...l}}var ei=200,Ao=60,Po={green:"good",yellow:"watch",red:"bad",none:"waiting"},Ga=e=>[...e].sort((t,n)=>+!t.odd-+!n.odd);function Ya(e){let t=N("workers"),n=N("work\
ers-body");t.hidden=!e.workers.length,!t.hidden&&(Y(W(n,"summary","p",{class:"text"}),e.workers_in_words),Ka(W(n,"grid"),e),ja(W(n,"table"),e))}function li(e){return v(
"span",{class:"light "+e,"aria-hidden":"true"})}var Wn={all:!1,model:null};function Ka(e,t){let n=t.workers.filter(p=>p.series);if(e.hidden=!n.length,e.hidden)return;
W(e,"title","h3").textContent="Each worker";let l=Wa(n);Wn.model=t;let o=l.high?Ht(l.low)+" to "+ne(l.high)+(l.logarithmic?", logarithmic":""):"not known";Y(W(e,
"scale","p",{class:"muted text"}),"Above: rate sent, 0 to "+Xe(l.rate)+". Below: p99, "+o+". All charts have the same scale; a mark at the bottom is an interval\
 with failures.");let i=W(e,"list","ul",{class:"worker-grid"}),u=n.length>Ao?Ga(n):n;Sd(i,Wn.all?u:u.slice(0,Ao),l);let r=W(e,"more"),f=()=>{Wn.all=!0,Wn.model&&
Ka(e,Wn.model),i.querySelectorAll("li")[Ao]?.scrollIntoView({block:"nearest"}),jt("All workers are shown.")};ge(r,[Wn.all,n.length],()=>n.length>Ao&&!Wn.all?[dn(
"Draw all "+ve(n.length),f)]:[])}var ni=new WeakSet,Ba=new IntersectionObserver(e=>{for(let{target:t,isIntersecting:n}of e)n?(ni.add(t),xl(t)):ni.delete(t)},{rootMargin:"\
200px"});function Sd(e,t,n){for(;e.lastElementChild&&e.children.length>t.length;){let l=e.lastElementChild.querySelector("canvas");l&&Ba.unobserve(l),e.lastElementChild.
remove()}t.forEach((l,o)=>{let i=o>=e.children.length,u=i?Md():e.children[o],[r,f,p,w]=u.children;u.className!==(l.odd?"odd":"")&&(u.className=l.odd?"odd":""),Y(
r.children[0],l.name),Y(r.children[1],l.odd?"▲ outlier":""),Y(p,l.facts),Y(w,l.odd),l.series&&Ia(f,l.series,n),ni.has(f)&&xl(f),i&&(e.append(u),Ba.observe(f))})}
function Md(){return v("li",{},v("div",{class:"name"},v("span"),v("span",{class:"odd-word"})),v("canvas",{"aria-hidden":"true"}),v("p",{class:"facts"}),v("p",{class:"\
facts odd-why"}))}var ti=e=>[e.why,e.odd!==e.why?e.odd:null].filter(Boolean).join("; ");function _d(e){let{workers:t}=e,n=$s(e),l=(r,f,p)=>f&&t.some(w=>w[r]!==null)?
[p]:[],o={red:0,yellow:1,green:2,none:3},i=r=>r?"bad":null,u=r=>({key:r,label:"rate",number:!0,value:f=>f[r],text:f=>Xe(f[r])});return[{key:"shard",label:"worke\
r",value:r=>r.shard+r.slice/1e3,text:r=>r.name.replace("worker ","")},{key:"light",label:"light",value:r=>o[r.light],text:r=>Po[r.light],node:r=>v("span",{class:"\
light-word"},li(r.light),v("span",{},Po[r.light]))},{key:"state",label:"state",text:r=>r.state},{key:"remark",label:"remark",value:r=>ti(r)||null,text:ti,wide:t.
some(ti)},...l("region",!0,{key:"region",label:"region",text:r=>r.region??"–"}),{key:"worker",label:"claimed by",text:r=>r.worker??"–"},...l("last_seen_s",n,
{key:"last_seen_s",label:"last snapshot",number:!0,value:r=>r.last_seen_s,text:r=>ce(r.last_seen_s)?ht(r.last_seen_s)+" ago":"–"}),...l("rate_sent",n,u("rate_\
sent")),...l("owed",!0,Je("owed","planned",r=>r.owed)),...l("rate_per_s",!n,u("rate_per_s")),Je("sent","sent",r=>r.sent),Je("completed","completed",r=>r.completed),
Je("failed","failed",r=>r.failed,{tone:r=>i(r.failed)}),Je("dropped","dropped",r=>r.dropped,{tone:r=>i(r.dropped)}),Je("missing","missing",r=>r.missing,{tone:r=>i(
r.missing)}),Ne("p50","p50",r=>r.p50),Ne("p99","p99",r=>r.p99),Ne("max","max",r=>r.max),Ne("lag_p99","lag p99",r=>r.lag_p99),...l("start_skew",!0,Ne("start_skew",
"started late by",r=>r.start_skew)),...l("clock_offset",!0,Ne("clock_offset","clock off by",r=>r.clock_offset)),...l("busy_percent",!0,{key:"busy",label:"busy",
number:!0,value:r=>r.busy_percent,text:r=>r.busy_percent===null?"–":r.busy_percent+"%"})]}var kl={all:!1,model:null,table:null};function ja(e,t){kl.model=t;let{
workers:n}=t,l=n.length>ei,o=l&&!kl.all,i=kl.table??=new Zt(e,"Table of workers","tall");i.update(_d(t),l?Ga(n):n,{limit:o?ei:void 0,mark:r=>!!r.odd});let u=()=>{
kl.all=!0,kl.model&&ja(e,kl.model),i.node.focus({preventScroll:!0})};ge(W(e,"more","div",{class:"after-table"}),[o,n.length],()=>o?[v("span",{class:"muted"},ei+
" of "+ve(n.length)+" are shown, outliers first. "),dn("Show all "+ve(n.length),u)]:[])}var oi=100,Ql=()=>document.querySelector('meta[name="vajra-token"]')?.content??"";function Ua(e){let{live:t}=e;if(N("live").hidden=!t,!t)return;let n=N("live-bo\
dy");Ld(W(n,"state"),t,e.verdict);let l=t.state==="ended",o=N("stop-button");o.hidden=l||!Ql(),o.disabled=t.state==="stopping",Y(o,t.state==="stopping"?"Stoppin\
g…":"Stop the run");let[i,u,r]=[W(n,"figures","dl",{class:"figures wide"}),W(n,"errors","p",{class:"text"}),W(n,"lights")];if(i.hidden=u.hidden=r.hidden=l,l)return Cd(
W(n,"farewell","p",{class:"text farewell"}),t);Xs(i,t.figures),Y(u,t.errors),Ed(r,t,e.workers)}function Ld(e,t,n){let l=W(e,"line","div",{class:"live-state"});ge(
W(l,"word"),t.words,()=>[v("span",{class:"badge small "+(t.state==="ended"?n:"running")},t.words)]),Y(W(l,"time","span"),t.clock),W(e,"bar","progress",{max:"1",
"aria-label":"Time of the run"}).value=t.progress}function Cd(e,t){ge(e,[t.stays,t.again],()=>[t.stays?"This page is served until its command is interrupted (Ct\
rl-C).":"This page is no longer served: it remains in this window, but cannot be reloaded, and cannot open past runs.",t.again?" This command writes the page to\
 a file: ":null,t.again?v("code",{},t.again):null])}function Ed(e,t,n){W(e,"title","h3").textContent="Workers now",ge(W(e,"counts","p",{class:"light-counts"}),t.
lights,()=>t.lights.map(([u,r])=>v("span",{class:"light-word"},v("span",{class:"light "+u,"aria-hidden":"true"}),r)));let l={red:0,yellow:1,none:2,green:3},o=n.
length>oi,i=o?[...n].sort((u,r)=>l[u.light]-l[r.light]).slice(0,oi):n;ge(W(e,"list","ul",{class:"lights","aria-label":"Lights of the workers"}),i.map(u=>[u.name,
u.light]),()=>i.map(Rd)),Y(W(e,"rest","p",{class:"muted"}),o?oi+" of "+ve(n.length)+" are shown, those with problems first.":""),ge(W(e,"why"),t.troubled,()=>[Mt(
t.troubled)])}function Rd(e){let t=v("span",{class:e.light==="green"?"unseen":null}," "+Po[e.light]);return v("li",{},li(e.light),e.name,t)}function Za(e){let t=N("generator-body");N("generator").hidden=!1;let{generator:n}=e;ge(W(t,"health"),[n,Qs(e)],()=>Qs(e)?[v("p",{class:"text"},n.sentence),Mt(n.
why),n.waits.length?v("p",{class:"text"},"Waits of arrivals:"):null,Mt(n.waits),Al(n.facts)]:[]),ge(W(t,"balance"),e.balance_words,()=>Vd(e.balance_words))}function Vd(e){
let t=e.sums.map(n=>[...n.cells,n.off?v("span",{class:"bad"},n.judged):n.judged]);return[v("h3",{},"Balance of arrivals"),Xt("Balance of arrivals",Cn("Balance o\
f arrivals",null,t,0),"fit stack"),...e.besides.map(n=>v("p",{class:"muted after-table"},n))]}function Ja(e){let{plan:t,phases:n,source:l}=e;N("plan").hidden=!t.
length&&!l;let o=u=>[u.when,u.text+(u.measured?"":" (not measured)")],i={class:"source",tabindex:"0",role:"region","aria-label":"Scenario, as written"};ge(W(N("\
plan-body"),"plan"),[t,n,l],()=>[Al(t),v("h3",{},"Load"),Al(n.map(o)),...l?[v("h3",{},"Scenario, as written"),v("pre",i,l)]:[]])}function $a({cost:e}){N("cost").
hidden=!e,e&&ge(W(N("cost-body"),"cost"),e,()=>Dd(e))}function Dd({actual:e,expected:t,prices_of:n,lines:l,basis:o}){return[Al([["this run",e??"–"],["expected\
 before",t],["prices of",n]]),l.length?v("h3",{},"Parts"):null,l.length?Xt("Cost by part",Cn("Cost by part",null,l),"fit"):null,Mt(o)]}function Xl(){let e=[...document.
querySelectorAll("main > section")].filter(t=>!t.hidden);ge(N("contents"),e.map(t=>t.id),()=>e.map(t=>v("a",{href:"#"+t.id},t.querySelector("h2")?.textContent)))}var Ad=["not started","no report yet","running"],eo={table:null,opens:!1};async function Qa(e){try{let t=await fetch("past",{headers:{"X-Vajra-Token":Ql()}});if(!t.
ok)return;_e.past=await t.json()}catch{return}Ho(e())}function Ho(e){if(N("past").hidden=!_e.past.length,!_e.past.length)return;eo.table??=new Zt(N("past-body"),
"Table of past runs","tall fit"),eo.opens!==e&&eo.table.body.replaceChildren(),eo.opens=e;let n=[{key:"run",label:"run",text:l=>l.run,node:l=>e&&!Ad.includes(l.
verdict)?v("a",{href:"past/"+encodeURIComponent(l.run)},l.run):document.createTextNode(l.run)},{key:"verdict",label:"verdict",text:l=>l.verdict,node:l=>Js(l.verdict,
l.verdict,!0)},{key:"scenario",label:"scenario",text:l=>l.scenario},{key:"created",label:"created",value:l=>l.created,text:l=>l.created?po(l.created):"–"},Je(
"workers","workers",l=>l.workers),{key:"length",label:"length",number:!0,text:l=>l.length||"–"}];eo.table.update(n,_e.past),Xl()}var Pd=4e3,xe={source:null,received:null,lost:null,gone:!1,ended:!1,state:null,undrawn:!1},Oo=()=>{};function eu(){xe.source?.close();let e=new EventSource("eve\
nts");xe.source=e,e.addEventListener("model",t=>{let n;try{n=JSON.parse(t.data)}catch{return}xe.received=Date.now(),xe.gone=!1,Hd(n),Fo()}),e.addEventListener("\
gone",()=>{xe.gone=!0,e.close(),Xa(),Fo()}),e.addEventListener("error",()=>{xe.lost||=Date.now(),Xa(),Fo(),e.readyState===EventSource.CLOSED&&!xe.ended&&!xe.gone&&
setTimeout(eu,2e3)}),e.addEventListener("open",()=>{xe.lost=null})}var si=()=>!xe.ended||!!_e.model?.live?.stays;function Xa(){xe.ended&&(xe.source?.close(),_e.
model?.live?.stays&&(_e.model.live.stays=!1,document.hidden?xe.undrawn=!0:Oo(_e.model),Ho(si())))}function Hd(e){let t=e.live?.state??"ended";if(xe.ended=t==="e\
nded",xe.lost=null,_e.model=e,xe.state||Qa(si),xe.state!==t&&(xe.state=t,jt(xe.ended?"The run has ended: "+Do(e.verdict_word)+".":"The run is "+t+"."),xe.ended&&
Ho(si())),xe.ended){e.live?.stays||xe.source?.close();let n=N("stop-dialog");n.open&&n.close()}document.hidden?xe.undrawn=!0:Oo(e)}function Fo(){let e=N("connec\
tion"),[t,n]=e.children,{gone:l,lost:o,received:i,ended:u}=xe,r=!u&&(l||o!==null||i!==null&&Date.now()-i>Pd);if(e.hidden=!r,document.body.classList.toggle("old",
r),!r)return Y(t,"");let f=l?"The server has ended. The numbers are old and will not change.":o?"Connection lost. The numbers are old. Reconnecting.":"No new da\
ta. The numbers are old.";t.textContent!==f&&jt(f),Y(t,f);let p=i===null?null:Math.round((Date.now()-i)/1e3);return Y(n,p===null?" No data has arrived.":" Last \
data "+ht(p)+" ago.")}function Fd(){Y(N("stop-title"),"Stop run "+(_e.model?.run??"")+"?"),Y(N("stop-text"),"Workers stop sending within 2 s; the measurements u\
ntil then are reported."),N("stop-problem").hidden=!0,N("stop-yes").disabled=!1,N("stop-dialog").showModal(),N("stop-no").focus()}async function Od(){let e=N("s\
top-problem"),t=N("stop-yes");t.disabled=!0;try{let n=await fetch("stop",{method:"POST",headers:{"X-Vajra-Token":Ql()}});if(n.status===204){N("stop-dialog").close(),
jt("The stop is requested.");return}Y(e,"The run was not stopped: "+(await n.text()||"answer "+n.status))}catch{Y(e,"The run was not stopped: the server does no\
t answer.")}e.hidden=!1,t.disabled=!1}function tu(e){Oo=e,Y(N("scenario"),"Load test"),Y(N("run-line"),"Waiting for the first data of the run."),N("verdict").hidden=
!0,N("stop-button").addEventListener("click",Fd),N("stop-no").addEventListener("click",()=>N("stop-dialog").close()),N("stop-yes").addEventListener("click",()=>{
Od()}),document.addEventListener("visibilitychange",()=>{document.hidden||!xe.undrawn||!_e.model||(xe.undrawn=!1,Oo(_e.model))}),eu(),setInterval(Fo,1e3)}function nu(e){return e.at.length?[...(e.planned&&[{key:"planned",label:"planned",colour:"planned",dash:[6,4],width:1.6,values:e.planned}])??[],{key:"sent",label:"\
sent",colour:"sent",width:3,values:e.sent},{key:"completed",label:"completed",colour:"completed",width:1.5,values:e.completed}]:[]}var iu={...wn,key:"rate",heading:"\
Rate",hint:"requests per second: planned, sent, completed",labelY:"requests per second",strip:!0,tick:e=>ve(e)==="0"&&e>0?String(e):ve(e),format:Xe,draw:e=>e.at.
length&&!e.failuresOnly?nu(e):null,describe:(e,t)=>"Chart of the rate over "+ht(e.end)+": "+bl(nu(e),Xe)+Nd(t),rows:(e,t,n)=>wl(e,n,"rate",Xe),below:e=>ge(e.below,
e.model.bands,()=>e.model.bands.map(t=>v("p",{class:"band-list text"},t)))};function Nd(e){let t=e.missing.length;return t?" In "+Rn(t,"interval")+" a worker’s \
part is missing.":""}var Wd=[{key:"p50",label:"p50",colour:"p50"},{key:"p90",label:"p90",colour:"p90"},{key:"p99",label:"p99",colour:"p99",width:2.2},{key:"p99_\
9",label:"p99.9",colour:"p99-9",dash:[6,3]},{key:"max",label:"max",colour:"max",dash:[2,3],width:1.4}],lu=e=>Wd.map(t=>({...t,values:e[t.key].map(pn)})),ru={...wn,
key:"latency",heading:"Latency",hint:"percentiles of the requests answered in each interval",labelY:"latency",tick:Ht,format:ne,log:e=>{let[t,n]=[en(e.p50),ze(e.
max)];return t!==null&&n!==null&&t>0&&n/t>20},draw:e=>ze(e.max)===null&&ze(e.p50)===null?null:lu(e),describe:e=>{let t=ze(e.max),n=Pt(e.at[e.max.indexOf(t)]??0,
e.end),l=" The slowest request took "+ne(t)+" at "+n+".";return"Chart of latency over time: "+bl(lu(e),ne)+l},rows:(e,t,n)=>wl(e,n,"highest",ne)},Id={"first byt\
e":"p50",connect:"kind-8",TLS:"kind-3"};function ii(e){return e.waits.flatMap(({name:t,p50:n,p99:l})=>{let o=Id[t]??"muted";return[{key:t+" p50",label:t+" p50",
colour:o,dash:[6,3],values:n.map(pn),optional:t!=="first byte"},{key:t+" p99",label:t+" p99",colour:o,width:2,values:l.map(pn)}]})}var au={...wn,key:"waits",heading:"\
First byte, connect and TLS",hint:"percentiles of measured requests, and of opening connections; click a name to show or hide its line",labelY:"time",tick:Ht,format:ne,
log:e=>{let t=ii(e).flatMap(o=>o.values),[n,l]=[en(t),ze(t)];return n!==null&&l!==null&&l/n>20},draw:e=>e.waits.length?ii(e):null,describe:e=>"Chart of the firs\
t byte and of opening connections over time: "+bl(ii(e),ne),rows:(e,t,n)=>wl(e,n,"highest",ne)};function ou(e){let t=e.users&&[{key:"users",label:"users",colour:"\
planned",dash:[6,4],values:e.users}],n=ze(e.connections)===null?[]:[{key:"connections",label:"connections",colour:"service",dash:[2,3],width:1.8,values:e.connections}];
return[...t??[],...n,{key:"in flight",label:"in flight",colour:"completed",width:2,values:e.inFlight}]}var uu={...wn,key:"open",heading:"Requests in flight and \
connections",hint:"requests without an answer at the end of each interval; the largest number of open connections; users, if the load has them",labelY:"number",
height:190,tick:sl,format:ve,draw:e=>e.users||ze(e.inFlight)!==null?ou(e):null,describe:e=>"Chart of requests in flight and open connections over time: "+bl(ou(
e),ve),rows:(e,t,n)=>wl(e,n,"highest",ve)};function su(e){let t=e.kinds.map((n,l)=>({key:n,label:Ft(n),colour:"kind-"+(l%8+1),values:e.failures[n]}));return e.failuresOnly||
mn(e.dropped)>0&&t.push({key:" dropped",label:"dropped",colour:"dropped",values:e.dropped}),t}var cu={...wn,key:"errors",heading:"Failed and dropped",hint:"per \
second, by kind, stacked",labelY:"per second",stacked:!0,height:190,tick:sl,format:Xe,draw:e=>{let t=su(e);return t.length?t:null},describe:(e,t)=>"Chart of fai\
led and dropped requests over time. In all: "+t.errors+". Per second: "+bl(su(e),Xe),rows:(e,t,n)=>wl(e,n,"rate",Xe)};var Tl=e=>e.distribution.filter(t=>t.points.length>1),zd={latency:{colour:"latency"},service:{colour:"service",dash:[6,3]},"first byte":{colour:"p50",dash:[2,3]},
"latency of completed":{colour:"sent"},"latency of failed":{colour:"light-bad"},"latency of all failed":{colour:"light-bad"},"latency of this kind":{colour:"lig\
ht-bad"},resolve:{colour:"kind-7",dash:[6,3]},connect:{colour:"kind-8",dash:[6,3]},TLS:{colour:"kind-3",dash:[6,3]}},fu={key:"distribution",heading:"Times by pe\
rcentile",hint:"from 90% on, each mark is ten times as rare; click a name to show or hide its line",labelX:"percentile",labelY:"time",height:290,tick:Ht,format:ne,
log:(e,t)=>{let n=Tl(t).filter(l=>l.shown).flatMap(l=>l.points.map(o=>o[1])).filter(l=>l>0);return n.length>0&&(ze(n)??0)/(en(n)??1)>30},draw:(e,t)=>{let n=Tl(t),
l=ri(n);return n.length?n.map(o=>({key:o.name,label:o.name,width:2,optional:!o.shown,...zd[o.name]??{colour:"muted"},values:l.map(i=>pn(ai(o.points,i)))})):null},
x:(e,t)=>{let n=ri(Tl(t)),l=Math.log10(1/(1-(ze(n.filter(i=>i<1))??0))),o=Math.max(l+.05,Math.log10(Math.max(10,t.total.completed+t.total.failed)));return n.map(
i=>i>=1?o:Math.log10(1/(1-i)))},rangeX:(e,t,n)=>e.zoomed??[0,Math.max(1,n||1)],axisX:e=>({splits:(t,n,l,o)=>Bd(l,o),filter:(t,n)=>n,values:(t,n)=>{let{min:l=0,max:o=1}=t.
scales.x;return qd(n,l,o,e.plot.clientWidth-100)}}),place:(e,t)=>{let n=e.uplot?.data[0]??[];return t===n.length-1?"the maximum":En(1-10**-n[t])},describe:(e,t)=>"\
Chart of "+Tl(t).map(n=>n.name+" by percentile: "+[.5,.9,.99,.999,1].map(l=>En(l)+" "+ne(ai(n.points,l))).join(", ")).join("; ")+".",rows:(e,t,n)=>{let l=[0,.25,
.5,.75,.9,.95,.99,.995,.999,.9999,.99999,1],o=ze(ri(Tl(t)).filter(r=>r<1))??0,i=new Map(Tl(t).map(r=>[r.name,r.points])),u=l.filter(r=>r<=o||r===1).map(r=>[En(r),
...n.map(({key:f})=>ne(ai(i.get(f)??[],r)))]);return{columns:["percentile",...n.map(({label:r})=>r)],rows:u,note:null}}};function ri(e){return[...new Set(e.flatMap(
t=>t.points.map(n=>n[0])))].sort((t,n)=>t-n)}function ai(e,t){let n=e.find(l=>l[0]>=t-1e-12);return n?n[1]:null}function qd(e,t,n,l){let o=-1/0;return e.map(i=>{
let u=En(i===0?0:1-10**-i),[r,f]=[(i-t)/(n-t)*l,u.length*3.6+3];return r-f<o?null:(o=r+f,u)})}function Bd(e,t){let n=t-e<=4?[0,Math.log10(2)]:[0];for(let l=1;l<=
Math.floor(t+1e-9);l+=1)n.push(l);return n.filter(l=>l>=e-1e-9&&l<=t+1e-9)}var ui=new WeakMap,du=new WeakMap,pu={...wn,key:"heat",heading:"Requests by time and latency",hint:"the stronger the colour, the more requests",labelY:"latency",
height:270,cursorY:!0,tick:Ht,format:ve,alwaysLogarithmic:!0,draw:e=>Gd(e)?[{key:"heat",label:"requests",colour:"muted",invisible:!0,values:e.at.map(()=>null)}]:
null,rangeY:e=>{let t=to(e.facts);return[e.facts.edges[t.lowest],e.facts.edges[t.highest+1]]},paint:Kd,legend:Ud,readCursor:Zd,recolour:e=>{let t=ui.get(e);t&&ci(
e,t)},speak:mu,describe:e=>{let t=to(e),n=ne(e.edges[t.lowest])+" to "+ne(e.edges[t.highest+1]),l=Rn(t.most,"request");return"Heat map of latency over "+ht(e.end)+
", from "+n+"; at most "+l+" in one cell."},rows:Jd};function to(e){let t=du.get(e);if(t)return t;let n={lowest:1/0,highest:-1,most:0};for(let l of e.heat)for(let[
o,i]of l)i<=0||(n.lowest=Math.min(n.lowest,o),n.highest=Math.max(n.highest,o),n.most=Math.max(n.most,i));return du.set(e,n),n}var Gd=e=>to(e).most>0;function Yd(e,t){
return t<=1?On-1:Math.round(Math.log(e)/Math.log(t)*(On-1))}function Kd(e,t){let{facts:n}=t,{ctx:l,bbox:o}=e,i=to(n),{min:u=0,max:r=n.end}=e.scales.x,f=Math.max(
0,Math.floor((u-n.at[0])/n.step)),p=Math.min(n.at.length-1,Math.ceil((r-n.at[0])/n.step)),w=Math.max(1,Math.ceil((p-f+1)/o.width)),h=n.edges.map(L=>Math.round(e.
valToPos(Math.max(L,1e-6),"y",!0))),b=Array.from({length:On},()=>[]);for(let L=f;L<=p;L+=w){let T=Math.round(e.valToPos(n.at[L],"x",!0)),D=Math.round(e.valToPos(
n.at[L]+n.step*w,"x",!0)),q=Math.max(1,D-T);for(let[B,S]of jd(n.heat,L,Math.min(L+w,p+1)))b[Yd(S,i.most)].push(T,h[B+1],q,Math.max(1,h[B]-h[B+1]))}l.save(),l.beginPath(),
l.rect(o.left,o.top,o.width,o.height),l.clip();for(let[L,T]of b.entries()){l.fillStyle=Gs()[L];for(let D=0;D<T.length;D+=4)l.fillRect(T[D],T[D+1],T[D+2],T[D+3])}
l.restore()}function jd(e,t,n){if(n-t<=1)return e[t].filter(([,o])=>o>0);let l=new Map;for(let o=t;o<n;o+=1)for(let[i,u]of e[o])l.set(i,Math.max(l.get(i)??0,u));
return l}function Ud(e){let t={bar:v("canvas",{class:"bar",width:On,height:1,"aria-hidden":"true"}),most:v("span"),read:v("output")};ui.set(e,t),e.legend.replaceChildren(
v("div",{class:"heat-legend"},v("span",{},"1"),t.bar,t.most,v("span",{class:"muted"},"in one cell, logarithmic"),e.when,t.read)),ci(e,t)}function ci(e,t){let n=Gl(
t.bar);Gs().forEach((l,o)=>{n.fillStyle=l,n.fillRect(o,0,1,1)}),Y(t.most,Rn(to(e.facts).most,"request"))}function Zd(e,t){let n=ui.get(e);if(!n||!e.uplot)return;
if(ci(e,n),t===null)return Y(n.read,"");let{facts:l,uplot:o}=e,{top:i,event:u}=o.cursor,r=e.byKey||!ce(i)?null:o.posToVal(i,"y"),f=r===null?-1:l.edges.findIndex(
(h,b)=>h<=r&&r<l.edges[b+1]);if(f<0||!u)return Y(n.read,mu(e,t));let p=l.heat[t].find(([h])=>h===f),w=ne(l.edges[f])+" to "+ne(l.edges[f+1]);return Y(n.read,w+"\
: "+Rn(p?p[1]:0,"request"))}function mu(e,t){let{edges:n,heat:l}=e.facts,o=l[t];if(!o.length)return"no requests measured";let[i]=o.reduce((r,f)=>f[1]>r[1]?f:r);
return Rn(mn(o.map(r=>r[1])),"request")+", most of them "+ne(n[i])+" to "+ne(n[i+1])}function Jd(e){let t=Math.max(1,Math.ceil(e.at.length/Ys)),n=[];for(let l=0;l<
e.at.length;l+=t){let o=new Map;for(let r=l;r<Math.min(l+t,e.at.length);r+=1)for(let[f,p]of e.heat[r])o.set(f,(o.get(f)??0)+p);let i=[...o.keys()];if(!i.length){
n.push([Pt(e.at[l],e.end),"0","–","–","–"]);continue}let u=i.reduce((r,f)=>(o.get(f)??0)>(o.get(r)??0)?f:r);n.push([Pt(e.at[l],e.end),ve(mn([...o.values()])),
ne(e.edges[Math.min(...i)]),ne(e.edges[u])+" to "+ne(e.edges[u+1]),ne(e.edges[Math.max(...i)+1])])}return{columns:["from","requests","fastest above","most of th\
em","slowest below"],rows:n,note:t*e.step>1?"Each row is "+ht(t*e.step)+".":null}}var gu=e=>({key:"name",label:e,value:t=>t.name,text:t=>t.name||"(no name)"}),$d=e=>e.failed_percent===null?"–":e.failed_percent+"%";function Qd(e){let t={minor:!0};
return[gu(e),Je("sent","sent",n=>n.sent),Je("completed","completed",n=>n.completed),Je("failed","failed",n=>n.failed,{tone:n=>n.failed?"bad":null}),{key:"failed\
 share",label:"failed %",number:!0,value:n=>n.failed_percent,text:$d},Je("dropped","dropped",n=>n.dropped,{tone:n=>n.dropped?"bad":null}),Je("retries","retries",
n=>n.retries,t),{key:"rate",label:"rate",number:!0,value:n=>n.rate_per_s,text:n=>Xe(n.rate_per_s)},Ne("p50","p50",n=>n.p50),Ne("p90","p90",n=>n.p90),Ne("p95","p\
95",n=>n.p95),Ne("p99","p99",n=>n.p99),Ne("p99_9","p99.9",n=>n.p99_9),Ne("max","max",n=>n.max),Ne("mean","mean",n=>n.mean,t),Ne("service_p50","service p50",n=>n.
service_p50),Ne("service_p99","service p99",n=>n.service_p99),Ne("first_byte_p50","first byte p50",n=>n.first_byte_p50,t),Ne("first_byte_p99","first byte p99",n=>n.
first_byte_p99,t),Ne("lag_p99","lag p99",n=>n.lag_p99),{key:"body_bytes",label:"received",number:!0,minor:!0,value:n=>n.body_bytes,text:n=>n.received}]}function Xd(e,t){
let n=[...new Set(e.flatMap(o=>Object.keys(o.failures)))].sort(),l=[...new Set(e.flatMap(o=>Object.keys(o.statuses)))].sort();return[gu(t),...n.map(o=>Je("faile\
d "+o,Ft(o),i=>i.failures[o]??0,{title:"failed: "+Ft(o),tone:i=>i.failures[o]?"bad":null})),...l.map(o=>Je("status "+o,"status "+o,i=>i.statuses[o]??0))]}var Sl={};
function hu(e,t,n,l,o){let i=n==="request"?"Failures and statuses":"Failures and statuses by region",u=t??{rows:new Zt(e,n==="request"?"Requests by name":"Reque\
sts by region"),failures:new Zt(W(e,"failures"),"Failures and statuses by "+n,"fit")},r=W(e,"failures");t||r.prepend(W(r,"title","h3")),W(r,"title","h3").textContent=
i;let f=l.length>1&&o?{...o,name:"all"}:null;u.rows.update(Qd(n),l,{total:f});let p=Xd([...l,...o?[o]:[]],n);return r.hidden=p.length===1,u.failures.update(p,l,
{total:f}),u}function wu(e){let t=N("requests"),n=N("requests-body");if(t.hidden=!e.requests.length,t.hidden)return;Sl.requests=hu(n,Sl.requests,"request",e.requests,
e.total),ep(n,e.failures);let l=W(n,"regions");l.hidden=!e.regions.length,!l.hidden&&(W(l,"title","h3").textContent="Regions",Sl.regions=hu(l,Sl.regions,"region",
e.regions,null))}function ep(e,t){let n=W(e,"reasons");if(n.hidden=!t.length,n.hidden)return;W(n,"title","h3").textContent="Reasons of failures",Sl.reasons??=new Zt(
n,"Reasons of failures","fit");let l=[{key:"reason",label:"reason",text:u=>u.reason},{key:"kind",label:"failed by",text:u=>Ft(u.kind)},Je("count","count",u=>u.count),
{key:"request",label:"request",text:u=>u.request},{key:"origin",label:"origin",text:u=>u.origin??"–"},{key:"first",label:"first arrivals",value:u=>u.first[0],
text:u=>u.first.join(", ")},{key:"advice",label:"what to do",text:u=>u.advice??""}];Sl.reasons.update(l,t,{limit:50});let[o]=t.flatMap(u=>u.first),i=W(n,"again",
"p",{class:"text"});i.hidden=o===void 0,i.textContent="Send one of them again: vajra-cloud try SCENARIO --arrival "+o}/*! The charts are drawn by uPlot (MIT), copyright (c) 2022 Leon Sorokin. */var tp=690;function np(e){N("verdict").hidden=!1,Ha(e),Ua(e),Fa(e)}function di(e){Pa(
e,()=>{_e.model&&di(_e.model)});let t=Aa(e),{facts:n,model:l}=t;lp(t),fi("spread",fu,n,l),fi("against",Ki,n,l),fi("heat",pu,n,l),Xl()}function fi(e,t,n,l){N(e).
hidden=!1,N(e).hidden=!Nn(N(e+"-body"),t,n,l)}function lp({facts:e,failed:t,waits:n,model:l}){let o=N("over-time-body");if(N("over-time").hidden=!t.at.length,!t.
at.length)return;Nn(o,iu,e,l),Nn(o,ru,e,l),Nn(o,au,n,l),Nn(o,uu,e,l);let i=Nn(o,cu,t,l);Y(W(o,"no-errors","p",{class:"muted"}),i?"":"No request failed, and none\
 was dropped."),Y(W(o,"help","p",{class:"muted band-list help"}),"Drag over a chart to zoom, double click to reset. With the keyboard: arrow keys move, + and − \
zoom, 0 resets.")}function bu(e){wu(e),Ya(e),Za(e),Ja(e),$a(e),Xl()}function yu(e){if(np(e),_e.ready){di(e),bu(e);return}(n=>document.hidden?setTimeout(n):requestAnimationFrame(
n))(()=>setTimeout(()=>{di(e),setTimeout(()=>{bu(e),_e.ready=!0},0)},0))}var vu=()=>document.querySelectorAll(".worker-grid canvas");function op(){Bs();for(let e of $l.
values())e.uplot?.redraw(!1,!0),e.definition.recolour?.(e);for(let e of vu())e.width!==300&&xl(e)}function xu(e){document.documentElement.classList.toggle("prin\
ting",e),Bs();for(let t of $l.values()){if(!t.uplot||t.figure.hidden)continue;let n=t.definition.height??Vo;t.uplot.setSize({width:e?tp:t.plot.clientWidth,height:n}),
t.definition.recolour?.(t)}for(let t of vu())xl(t)}matchMedia("(prefers-color-scheme: dark)").addEventListener("change",op);window.addEventListener("beforeprint",
()=>xu(!0));window.addEventListener("afterprint",()=>xu(!1));Ro?tu(yu):(_e.model=JSON.parse(N("model").textContent??"null"),_e.model&&yu(_e.model));})();
