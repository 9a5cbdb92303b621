"use strict";(()=>{function N(e){let t=document.getElementById(e);if(!t)throw new Error("the page has no element "+e);return t}function v(e,t={},...n){let l=document.createElement(
e);for(let[o,i]of Object.entries(t))i==null||i===!1||l.setAttribute(o,i===!0?"":String(i));return l.append(...n.filter(o=>o!=null)),l}function fn(e,t){for(let[n,
l]of Object.entries(t))e.addEventListener(n,l);return e}function dn(e,t,n={}){return fn(v("button",{type:"button",...n},e),{click:t})}function Cn(e,t,n,l=1){let o=r=>r>=
l?"number":null,i=(r,f)=>v("th",{scope:"col",class:o(f)},r),u=(r,f)=>v(f?"td":"th",{scope:f?null:"row",class:o(f)},r);return v("table",{},v("caption",{},e),t&&v(
"thead",{},v("tr",{},...t.map(i))),v("tbody",{},...n.map(r=>v("tr",{},...r.map(u)))))}function Xt(e,t,n=""){return v("div",{class:("scroll "+n).trim(),role:"reg\
ion",tabindex:"0","aria-label":e},t)}function Mt(e){return e.length?v("ul",{class:"lines"},...e.map(t=>v("li",{},t))):null}function Dl(e){return v("dl",{class:"\
facts-table"},...e.flatMap(([t,n])=>[v("dt",{},t),v("dd",{},n)]))}function Y(e,t){e.textContent!==t&&(e.textContent=t)}var qi=new WeakMap;function ge(e,t,n){let l=JSON.
stringify(t);qi.get(e)!==l&&(qi.set(e,l),e.replaceChildren(...n().filter(o=>o!=null)))}var Bi=new WeakMap;function I(e,t,n="div",l={}){let o=Bi.get(e)??new Map;
Bi.set(e,o);let i=o.get(t);return i||(i=e.appendChild(v(n,l)),o.set(t,i)),i}function jt(e){Y(N("spoken"),e)}var is=new Intl.NumberFormat("en-US",{maximumFractionDigits:0}),ce=e=>typeof e=="number"&&Number.isFinite(e);function ve(e){return ce(e)?is.format(e):"–"}function ne(e){
if(!ce(e))return"–";let t=Math.round(Math.abs(e)*1e6),n=1;for(;t/n>=1e3&&n<1e9;)n*=10;let l=Math.floor((t+Math.floor(n/2))/n)*n;if(l===0)return"0";let[o,i]=l<
1e3?[1,"ns"]:l<1e6?[1e3,"us"]:l<1e9?[1e6,"ms"]:[1e9,"s"];return(e<0?"-":"")+Number((l/o).toPrecision(12))+i}function Xe(e){if(!ce(e))return"–";let t=n=>(Math.
round(e*10**n)/10**n).toFixed(n);return(e>=1e4?is.format(Math.round(e)):t(e>=100?1:2))+"/s"}function ht(e){if(!ce(e))return"–";if(e<60)return Math.round(e*10)/
10+" s";let t=Math.round(e),[n,l,o]=[Math.floor(t/3600),Math.floor(t/60)%60,t%60];return[n?n+" h":"",l?l+" min":"",o?o+" s":""].filter(Boolean).join(" ")}function Pt(e,t){
if(t<=180)return Number(e.toFixed(1))+" s";let n=Math.round(e),[l,o,i]=[Math.floor(n/3600),Math.floor(n/60)%60,String(n%60).padStart(2,"0")];return l?l+":"+String(
o).padStart(2,"0")+":"+i:o+":"+i}function Al(e){if(e>=1)return"max";let t=Math.max(0,Math.min(6,Math.ceil(-Math.log10(1-e)-1e-9)-1));return Number((e*100).toFixed(
t))+"%"}function Ht(e){return e===0?"0":ne(e)}function En(e){return Math.abs(e)>=999.5?is.format(e):String(Number(e.toPrecision(3)))}function Gi(e){let t=["B","\
kB","MB","GB","TB"],n=0;for(;e>=999.5&&n<t.length-1;)e/=1e3,n+=1;return En(e)+" "+t[n]}function Yi(e){let t=new Date(e);return Number.isNaN(t.getTime())?e:t.toISOString().
slice(0,19).replace("T"," ")+" UTC"}function Rn(e,t,n=t+"s"){return ve(e)+" "+(e===1?t:n)}var Ft=e=>e.replaceAll("_"," ");var Ki=.001,rs=e=>e.filter(ce),pn=e=>ce(e)?Math.max(e,Ki):null;function ze(e){let t=null;for(let n of e)ce(n)&&(t===null||n>t)&&(t=n);return t}function en(e){let t=null;
for(let n of e)ce(n)&&(t===null||n<t)&&(t=n);return t}function mn(e){return rs(e).reduce((t,n)=>t+n,0)}function Pl(e,t){let{at:n,lengths:l}=e,o=n.length>1?n[1]-
n[0]:l[0]??1,i=n.length-1,u=w=>w.map((h,b)=>ce(h)?h/l[b]:null),r=e.whole.some(Boolean)?e.whole:null,f=w=>w.map((h,b)=>!r||r[b]?h:null),p=Object.keys(e.failures).
filter(w=>mn(e.failures[w])>0);return{at:n,step:o,end:n.length?n[i]+l[i]:0,kinds:p,middle:n.map((w,h)=>w+(h===i?o:l[h])/2),planned:e.planned&&f(u(e.planned)),users:e.
users,inFlight:e.in_flight,connections:e.connections,sent:f(u(e.sent)),completed:f(u(e.completed)),dropped:u(e.dropped),failures:Object.fromEntries(p.map(w=>[w,
u(e.failures[w])])),p50:e.p50,p90:e.p90,p99:e.p99,p99_9:e.p99_9,max:e.max,heat:t.seconds,edges:t.edges.map(w=>Math.max(w,Ki)),waits:[],failuresOnly:!1}}function as({
at:e,lengths:t,lines:n},l){let o=e.map((i,u)=>i+t[u]/2);return{...l,at:e,step:t[0]??1,middle:o,waits:n}}var tn=e=>e.against?.points??[],us=(e,t)=>e.against?.load==="users"?En(t)+" users":Xe(t),Xu=[{key:"p50",label:"p50",colour:"p50"},{key:"p90",label:"p90",colour:"\
p90"},{key:"p99",label:"p99",colour:"p99",width:2.2}],ji={key:"against",heading:"Latency by load",hint:"each point contains all measured seconds of about the sa\
me load",labelX:e=>e.against?.load==="users"?"users":"planned requests per second",labelY:"latency",height:260,points:!0,tick:Ht,format:ne,log:(e,t)=>{let[n,l]=[
en(tn(t).map(o=>o.p50)),ze(tn(t).map(o=>o.p99))];return n!==null&&l!==null&&n>0&&l/n>20},draw:(e,t)=>t.against?Xu.map(n=>({...n,values:tn(t).map(l=>pn(l[n.key]))})):
null,x:(e,t)=>tn(t).map(n=>n.load),rangeX:(e,t,n)=>e.zoomed??[t,n],axisX:()=>({values:(e,t)=>t.map(En)}),place:(e,t)=>us(e.model,tn(e.model)[t].load),describe:(e,t)=>{
let[n,l]=[tn(t)[0],tn(t)[tn(t).length-1]],o=i=>us(t,i.load)+" p50 "+ne(i.p50)+", p99 "+ne(i.p99);return"Chart of latency by load: at "+o(n)+"; at "+o(l)+"."},rows:(e,t)=>({
columns:[t.against?.load??"load","seconds","completed","p50","p90","p99"],rows:tn(t).map(n=>[us(t,n.load),ve(n.seconds),Xe(n.completed),ne(n.p50),ne(n.p90),ne(n.
p99)]),note:null})};var ec="uplot",tc="u-hz",nc="u-vt",lc="u-title",oc="u-wrap",sc="u-under",ic="u-over",rc="u-axis",An="u-off",ac="u-select",uc="u-cursor-x",cc="u-cursor-y",fc="u-\
cursor-pt",dc="u-legend",pc="u-live",mc="u-inline",hc="u-series",gc="u-marker",Ui="u-label",wc="u-value",Fl="width",Ol="height";var Zi="bottom",sl="left",cs="right",Ls="#000",Ji=Ls+"0",fs="mousemove",$i="mousedown",ds="mouseup",Qi="mouseenter",Xi="mouseleave",er="dblclick",bc="resize",yc="\
scroll",tr="change",wo="dppxchange",Cs="--",dl=typeof window<"u",ws=dl?document:null,rl=dl?window:null,vc=dl?navigator:null,fe,po;function bs(){let e=devicePixelRatio;
fe!=e&&(fe=e,po&&vs(tr,po,bs),po=matchMedia(`(min-resolution: ${fe-.001}dppx) and (max-resolution: ${fe+.001}dppx)`),Pn(tr,po,bs),rl.dispatchEvent(new CustomEvent(
wo)))}function gt(e,t){if(t!=null){let n=e.classList;!n.contains(t)&&n.add(t)}}function ys(e,t){let n=e.classList;n.contains(t)&&n.remove(t)}function Me(e,t,n){
e.style[t]=n+"px"}function Ot(e,t,n,l){let o=ws.createElement(e);return t!=null&&gt(o,t),n?.insertBefore(o,l),o}function _t(e,t){return Ot("div",e,t)}var nr=new WeakMap;
function Ut(e,t,n,l,o){let i="translate("+t+"px,"+n+"px)",u=nr.get(e);i!=u&&(e.style.transform=i,nr.set(e,i),t<0||n<0||t>l||n>o?gt(e,An):ys(e,An))}var lr=new WeakMap;
function or(e,t,n){let l=t+n,o=lr.get(e);l!=o&&(lr.set(e,l),e.style.background=t,e.style.borderColor=n)}var sr=new WeakMap;function ir(e,t,n,l){let o=t+""+n,i=sr.
get(e);o!=i&&(sr.set(e,o),e.style.height=n+"px",e.style.width=t+"px",e.style.marginLeft=l?-t/2+"px":0,e.style.marginTop=l?-n/2+"px":0)}var Es={passive:!0},xc={...Es,
capture:!0};function Pn(e,t,n,l){t.addEventListener(e,n,l?xc:Es)}function vs(e,t,n,l){t.removeEventListener(e,n,Es)}dl&&bs();function Nt(e,t,n,l){let o;n=n||0,l=
l||t.length-1;let i=l<=2147483647;for(;l-n>1;)o=i?n+l>>1:wt((n+l)/2),t[o]<e?n=o:l=o;return e-t[n]<=t[l]-e?n:l}function Pr(e){return(n,l,o)=>{let i=-1,u=-1;for(let r=l;r<=
o;r++)if(e(n[r])){i=r;break}for(let r=o;r>=l;r--)if(e(n[r])){u=r;break}return[i,u]}}var Hr=e=>e!=null,Fr=e=>e!=null&&e>0,vo=Pr(Hr),kc=Pr(Fr);function Tc(e,t,n,l=0,o=!1){
let i=o?kc:vo,u=o?Fr:Hr;[t,n]=i(e,t,n);let r=e[t],f=e[t];if(t>-1)if(l==1)r=e[t],f=e[n];else if(l==-1)r=e[n],f=e[t];else for(let p=t;p<=n;p++){let w=e[p];u(w)&&(w<
r?r=w:w>f&&(f=w))}return[r??we,f??-we]}function xo(e,t,n,l){let o=ur(e),i=ur(t);e==t&&(o==-1?(e*=n,t/=n):(e/=n,t*=n));let u=n==10?nn:Or,r=o==1?wt:Lt,f=i==1?Lt:wt,
p=r(u(Be(e))),w=f(u(Be(t))),h=al(n,p),b=al(n,w);return n==10&&(p<0&&(h=be(h,-p)),w<0&&(b=be(b,-w))),l||n==2?(e=h*o,t=b*i):(e=zr(e,h),t=ko(t,b)),[e,t]}function Rs(e,t,n,l){
let o=xo(e,t,n,l);return e==0&&(o[0]=0),t==0&&(o[1]=0),o}var Vs=.1,rr={mode:3,pad:Vs},Wl={pad:0,soft:null,mode:0},Sc={min:Wl,max:Wl};function bo(e,t,n,l){return To(
n)?ar(e,t,n):(Wl.pad=n,Wl.soft=l?0:null,Wl.mode=l?3:0,ar(e,t,Sc))}function ae(e,t){return e??t}function Mc(e,t,n){for(t=ae(t,0),n=ae(n,e.length-1);t<=n;){if(e[t]!=
null)return!0;t++}return!1}function ar(e,t,n){let l=n.min,o=n.max,i=ae(l.pad,0),u=ae(o.pad,0),r=ae(l.hard,-we),f=ae(o.hard,we),p=ae(l.soft,we),w=ae(o.soft,-we),
h=ae(l.mode,0),b=ae(o.mode,0),L=t-e,T=nn(L),D=it(Be(e),Be(t)),q=nn(D),B=Be(q-T);(L<1e-24||B>10)&&(L=0,(e==0||t==0)&&(L=1e-24,h==2&&p!=we&&(i=0),b==2&&w!=-we&&(u=
0)));let S=L||D||1e3,z=nn(S),M=al(10,wt(z)),Q=S*(L==0?e==0?.1:1:i),A=be(zr(e-Q,M/10),24),X=e>=p&&(h==1||h==3&&A<=p||h==2&&A>=p)?p:we,Z=it(r,A<X&&e>=X?X:Wt(X,A)),
le=S*(L==0?t==0?.1:1:u),U=be(ko(t+le,M/10),24),_=t<=w&&(b==1||b==3&&U>=w||b==2&&U<=w)?w:-we,$=Wt(f,U>_&&t<=_?_:it(_,U));return Z==$&&Z==0&&($=100),[Z,$]}var _c=new Intl.
NumberFormat(dl?vc.language:"en-US"),Ds=e=>_c.format(e),bt=Math,go=bt.PI,Be=bt.abs,wt=bt.floor,qe=bt.round,Lt=bt.ceil,Wt=bt.min,it=bt.max,al=bt.pow,ur=bt.sign,nn=bt.
log10,Or=bt.log2,Lc=(e,t=1)=>bt.sinh(e)*t,ps=(e,t=1)=>bt.asinh(e/t),we=1/0;function cr(e){return(nn((e^e>>31)-(e>>31))|0)+1}function xs(e,t,n){return Wt(it(e,t),
n)}function Nr(e){return typeof e=="function"}function oe(e){return Nr(e)?e:()=>e}var Cc=()=>{},Wr=e=>e,Ir=(e,t)=>t,Ec=e=>null,fr=e=>!0,dr=(e,t)=>e==t,Rc=/\.\d*?(?=9{6,}|0{6,})/gm,
Hn=e=>{if(Br(e)||gn.has(e))return e;let t=`${e}`,n=t.match(Rc);if(n==null)return e;let l=n[0].length-1;if(t.indexOf("e-")!=-1){let[o,i]=t.split("e");return+`${Hn(
o)}e${i}`}return be(e,l)};function Vn(e,t){return Hn(be(Hn(e/t))*t)}function ko(e,t){return Hn(Lt(Hn(e/t))*t)}function zr(e,t){return Hn(wt(Hn(e/t))*t)}function be(e,t=0){
if(Br(e))return e;let n=10**t,l=e*n*(1+Number.EPSILON);return qe(l)/n}var gn=new Map;function qr(e){return((""+e).split(".")[1]||"").length}function zl(e,t,n,l){
let o=[],i=l.map(qr);for(let u=t;u<n;u++){let r=Be(u),f=be(al(e,u),r);for(let p=0;p<l.length;p++){let w=e==10?+`${l[p]}e${u}`:l[p]*f,h=(u>=0?0:r)+(u>=i[p]?0:i[p]),
b=e==10?w:be(w,h);o.push(b),gn.set(b,h)}}return o}var Il={},As=[],ul=[null,null],hn=Array.isArray,Br=Number.isInteger,Vc=e=>e===void 0;function pr(e){return typeof e==
"string"}function To(e){let t=!1;if(e!=null){let n=e.constructor;t=n==null||n==Object}return t}function Dc(e){return e!=null&&typeof e=="object"}var Ac=Object.getPrototypeOf(
Uint8Array),Gr="__proto__";function cl(e,t=To){let n;if(hn(e)){let l=e.find(o=>o!=null);if(hn(l)||t(l)){n=Array(e.length);for(let o=0;o<e.length;o++)n[o]=cl(e[o],
t)}else n=e.slice()}else if(e instanceof Ac)n=e.slice();else if(t(e)){n={};for(let l in e)l!=Gr&&(n[l]=cl(e[l],t))}else n=e;return n}function Fe(e){let t=arguments;
for(let n=1;n<t.length;n++){let l=t[n];for(let o in l)o!=Gr&&(To(e[o])?Fe(e[o],cl(l[o])):e[o]=cl(l[o]))}return e}var Pc=0,Hc=1,Fc=2;function Oc(e,t,n){for(let l=0,
o,i=-1;l<t.length;l++){let u=t[l];if(u>i){for(o=u-1;o>=0&&e[o]==null;)e[o--]=null;for(o=u+1;o<n&&e[o]==null;)e[i=o++]=null}}}function Nc(e,t){if(zc(e)){let u=e[0].
slice();for(let r=1;r<e.length;r++)u.push(...e[r].slice(1));return qc(u[0])||(u=Ic(u)),u}let n=new Set;for(let u=0;u<e.length;u++){let f=e[u][0],p=f.length;for(let w=0;w<
p;w++)n.add(f[w])}let l=[Array.from(n).sort((u,r)=>u-r)],o=l[0].length,i=new Map;for(let u=0;u<o;u++)i.set(l[0][u],u);for(let u=0;u<e.length;u++){let r=e[u],f=r[0];
for(let p=1;p<r.length;p++){let w=r[p],h=Array(o).fill(void 0),b=t?t[u][p]:Hc,L=[];for(let T=0;T<w.length;T++){let D=w[T],q=i.get(f[T]);D===null?b!=Pc&&(h[q]=D,
b==Fc&&L.push(q)):h[q]=D}Oc(h,L,o),l.push(h)}}return l}var Wc=typeof queueMicrotask>"u"?e=>Promise.resolve().then(e):queueMicrotask;function Ic(e){let t=e[0],n=t.
length,l=Array(n);for(let i=0;i<l.length;i++)l[i]=i;l.sort((i,u)=>t[i]-t[u]);let o=[];for(let i=0;i<e.length;i++){let u=e[i],r=Array(n);for(let f=0;f<n;f++)r[f]=
u[l[f]];o.push(r)}return o}function zc(e){let t=e[0][0],n=t.length;for(let l=1;l<e.length;l++){let o=e[l][0];if(o.length!=n)return!1;if(o!=t){for(let i=0;i<n;i++)
if(o[i]!=t[i])return!1}}return!0}function qc(e,t=100){let n=e.length;if(n<=1)return!0;let l=0,o=n-1;for(;l<=o&&e[l]==null;)l++;for(;o>=l&&e[o]==null;)o--;if(o<=
l)return!0;let i=it(1,wt((o-l+1)/t));for(let u=e[l],r=l+i;r<=o;r+=i){let f=e[r];if(f!=null){if(f<=u)return!1;u=f}}return!0}var Yr=["January","February","March",
"April","May","June","July","August","September","October","November","December"],Kr=["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"];function jr(e){
return e.slice(0,3)}var Bc=Kr.map(jr),Gc=Yr.map(jr),Yc={MMMM:Yr,MMM:Gc,WWWW:Kr,WWW:Bc};function Hl(e){return(e<10?"0":"")+e}function Kc(e){return(e<10?"00":e<100?
"0":"")+e}var jc={YYYY:e=>e.getFullYear(),YY:e=>(e.getFullYear()+"").slice(2),MMMM:(e,t)=>t.MMMM[e.getMonth()],MMM:(e,t)=>t.MMM[e.getMonth()],MM:e=>Hl(e.getMonth()+
1),M:e=>e.getMonth()+1,DD:e=>Hl(e.getDate()),D:e=>e.getDate(),WWWW:(e,t)=>t.WWWW[e.getDay()],WWW:(e,t)=>t.WWW[e.getDay()],HH:e=>Hl(e.getHours()),H:e=>e.getHours(),
h:e=>{let t=e.getHours();return t==0?12:t>12?t-12:t},AA:e=>e.getHours()>=12?"PM":"AM",aa:e=>e.getHours()>=12?"pm":"am",a:e=>e.getHours()>=12?"p":"a",mm:e=>Hl(e.
getMinutes()),m:e=>e.getMinutes(),ss:e=>Hl(e.getSeconds()),s:e=>e.getSeconds(),fff:e=>Kc(e.getMilliseconds())};function Ps(e,t){t=t||Yc;let n=[],l=/\{([a-z]+)\}|[^{]+/gi,
o;for(;o=l.exec(e);)n.push(o[0][0]=="{"?jc[o[1]]:o[0]);return i=>{let u="";for(let r=0;r<n.length;r++)u+=typeof n[r]=="string"?n[r]:n[r](i,t);return u}}var Uc=new Intl.
DateTimeFormat().resolvedOptions().timeZone;function Zc(e,t){let n;return t=="UTC"||t=="Etc/UTC"?n=new Date(+e+e.getTimezoneOffset()*6e4):t==Uc?n=e:(n=new Date(
e.toLocaleString("en-US",{timeZone:t})),n.setMilliseconds(e.getMilliseconds())),n}var Ur=e=>e%1==0,yo=[1,2,2.5,5],Jc=zl(10,-32,0,yo),Zr=zl(10,0,32,yo),$c=Zr.filter(
Ur),Dn=Jc.concat(Zr),Hs=`
`,Jr="{YYYY}",mr=Hs+Jr,$r="{M}/{D}",Nl=Hs+$r,mo=Nl+"/{YY}",Qr="{aa}",Qc="{h}:{mm}",il=Qc+Qr,hr=Hs+il,gr=":{ss}",pe=null;function Xr(e){let t=e*1e3,n=t*60,l=n*60,
o=l*24,i=o*30,u=o*365,f=(e==1?zl(10,0,3,yo).filter(Ur):zl(10,-3,0,yo)).concat([t,t*5,t*10,t*15,t*30,n,n*5,n*10,n*15,n*30,l,l*2,l*3,l*4,l*6,l*8,l*12,o,o*2,o*3,o*
4,o*5,o*6,o*7,o*8,o*9,o*10,o*15,i,i*2,i*3,i*4,i*6,u,u*2,u*5,u*10,u*25,u*50,u*100]),p=[[u,Jr,pe,pe,pe,pe,pe,pe,1],[o*28,"{MMM}",mr,pe,pe,pe,pe,pe,1],[o,$r,mr,pe,
pe,pe,pe,pe,1],[l,"{h}"+Qr,mo,pe,Nl,pe,pe,pe,1],[n,il,mo,pe,Nl,pe,pe,pe,1],[t,gr,mo+" "+il,pe,Nl+" "+il,pe,hr,pe,1],[e,gr+".{fff}",mo+" "+il,pe,Nl+" "+il,pe,hr,
pe,1]];function w(h){return(b,L,T,D,q,B)=>{let S=[],z=q>=u,M=q>=i&&q<u,Q=h(T),A=be(Q*e,3),X=ms(Q.getFullYear(),z?0:Q.getMonth(),M||z?1:Q.getDate()),Z=be(X*e,3);
if(M||z){let le=M?q/i:0,U=z?q/u:0,_=A==Z?A:be(ms(X.getFullYear()+U,X.getMonth()+le,1)*e,3),$=new Date(qe(_/e)),P=$.getFullYear(),K=$.getMonth();for(let W=0;_<=D;W++){
let se=ms(P+U*W,K+le*W,1),O=se-h(be(se*e,3));_=be((+se+O)*e,3),_<=D&&S.push(_)}}else{let le=q>=o?o:q,U=wt(T)-wt(A),_=Z+U+ko(A-Z,le);S.push(_);let $=h(_),P=$.getHours()+
$.getMinutes()/n+$.getSeconds()/l,K=q/l,W=b.axes[L]._space,se=B/W;for(;_=be(_+q,e==1?0:3),!(_>D);)if(K>1){let O=wt(be(P+K,6))%24,ie=h(_).getHours()-O;ie>1&&(ie=
-1),_-=ie*l,P=(P+K)%24;let me=S[S.length-1];be((_-me)/q,3)*se>=.7&&S.push(_)}else S.push(_)}return S}}return[f,p,w]}var[Xc,ef,tf]=Xr(1),[nf,lf,of]=Xr(.001);zl(2,
-53,53,[1]);function wr(e,t){return e.map(n=>n.map((l,o)=>o==0||o==8||l==null?l:t(o==1||n[8]==0?l:n[1]+l)))}function br(e,t){return(n,l,o,i,u)=>{let r=t.find(T=>u>=
T[0])||t[t.length-1],f,p,w,h,b,L;return l.map(T=>{let D=e(T),q=D.getFullYear(),B=D.getMonth(),S=D.getDate(),z=D.getHours(),M=D.getMinutes(),Q=D.getSeconds(),A=q!=
f&&r[2]||B!=p&&r[3]||S!=w&&r[4]||z!=h&&r[5]||M!=b&&r[6]||Q!=L&&r[7]||r[1];return f=q,p=B,w=S,h=z,b=M,L=Q,A(D)})}}function sf(e,t){let n=Ps(t);return(l,o,i,u,r)=>o.
map(f=>n(e(f)))}function ms(e,t,n){return new Date(e,t,n)}function yr(e,t){return t(e)}var rf="{YYYY}-{MM}-{DD} {h}:{mm}{aa}";function vr(e,t){return(n,l,o,i)=>i==
null?Cs:t(e(l))}function af(e,t){let n=e.series[t];return n.width?n.stroke(e,t):n.points.width?n.points.stroke(e,t):null}function uf(e,t){return e.series[t].fill(
e,t)}var cf={show:!0,live:!0,isolate:!1,mount:Cc,markers:{show:!0,width:2,stroke:af,fill:uf,dash:"solid"},idx:null,idxs:null,values:[]};function ff(e,t){let n=e.
cursor.points,l=_t(),o=n.size(e,t);Me(l,Fl,o),Me(l,Ol,o);let i=o/-2;Me(l,"marginLeft",i),Me(l,"marginTop",i);let u=n.width(e,t,o);return u&&Me(l,"borderWidth",u),
l}function df(e,t){let n=e.series[t].points;return n._fill||n._stroke}function pf(e,t){let n=e.series[t].points;return n._stroke||n._fill}function mf(e,t){return e.
series[t].points.size}var hs=[0,0];function hf(e,t,n){return hs[0]=t,hs[1]=n,hs}function ho(e,t,n,l=!0){return o=>{o.button==0&&(!l||o.target==t)&&n(o)}}function gs(e,t,n,l=!0){
return o=>{(!l||o.target==t)&&n(o)}}var gf={show:!0,x:!0,y:!0,lock:!1,move:hf,points:{one:!1,show:ff,size:mf,width:0,stroke:pf,fill:df},bind:{mousedown:ho,mouseup:ho,
click:ho,dblclick:ho,mousemove:gs,mouseleave:gs,mouseenter:gs},drag:{setScale:!0,x:!0,y:!1,dist:0,uni:null,click:(e,t)=>{t.stopPropagation(),t.stopImmediatePropagation()},
_x:!1,_y:!1},focus:{dist:(e,t,n,l,o)=>l-o,prox:-1,bias:0},hover:{skip:[void 0],prox:null,bias:0},left:-10,top:-10,idx:null,dataIdx:null,idxs:null,event:null},ea={
show:!0,stroke:"rgba(0,0,0,0.07)",width:2},Fs=Fe({},ea,{filter:Ir}),ta=Fe({},Fs,{size:10}),na=Fe({},ea,{show:!1}),Os='12px system-ui, -apple-system, "Segoe UI",\
 Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"',la="bold "+Os,oa=1.5,xr={
show:!0,scale:"x",stroke:Ls,space:50,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:la,side:2,grid:Fs,ticks:ta,border:na,font:Os,lineGap:oa,rotate:0},
wf="Value",bf="Time",kr={show:!0,scale:"x",auto:!1,sorted:1,min:we,max:-we,idxs:[]};function yf(e,t,n,l,o){return t.map(i=>i==null?"":Ds(i))}function vf(e,t,n,l,o,i,u){
let r=[],f=gn.get(o)||0;n=u?n:be(ko(n,o),f);for(let p=n;p<=l;p=be(p+o,f))r.push(Object.is(p,-0)?0:p);return r}function ks(e,t,n,l,o,i,u){let r=[],f=e.scales[e.axes[t].
scale].log,p=f==10?nn:Or,w=wt(p(n));o=al(f,w),f==10&&(o=Dn[Nt(o,Dn)]);let h=n,b=o*f;f==10&&(b=Dn[Nt(b,Dn)]);do r.push(h),h=h+o,f==10&&!gn.has(h)&&(h=be(h,gn.get(
o))),h>=b&&(o=h,b=o*f,f==10&&(b=Dn[Nt(b,Dn)]));while(h<=l);return r}function xf(e,t,n,l,o,i,u){let f=e.scales[e.axes[t].scale].asinh,p=l>f?ks(e,t,it(f,n),l,o):[
f],w=l>=0&&n<=0?[0]:[];return(n<-f?ks(e,t,it(f,-l),-n,o):[f]).reverse().map(b=>-b).concat(w,p)}var sa=/./,kf=/[12357]/,Tf=/[125]/,Tr=/1/,Ts=(e,t,n,l)=>e.map((o,i)=>t==
4&&o==0||i%l==0&&n.test(o.toExponential()[o<0?1:0])?o:null);function Sf(e,t,n,l,o){let i=e.axes[n],u=i.scale,r=e.scales[u],f=e.valToPos,p=i._space,w=f(10,u),h=f(
9,u)-w>=p?sa:f(7,u)-w>=p?kf:f(5,u)-w>=p?Tf:Tr;if(h==Tr){let b=Be(f(1,u)-w);if(b<p)return Ts(t.slice().reverse(),r.distr,h,Lt(p/b)).reverse()}return Ts(t,r.distr,
h,1)}function Mf(e,t,n,l,o){let i=e.axes[n],u=i.scale,r=i._space,f=e.valToPos,p=Be(f(1,u)-f(2,u));return p<r?Ts(t.slice().reverse(),3,sa,Lt(r/p)).reverse():t}function _f(e,t,n,l){
return l==null?Cs:t==null?"":Ds(t)}var Sr={show:!0,scale:"y",stroke:Ls,space:30,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:la,side:3,grid:Fs,ticks:ta,
border:na,font:Os,lineGap:oa,rotate:0};function Lf(e,t){let n=3+(e||1)*2;return be(n*t,3)}function Cf(e,t){let{scale:n,idxs:l}=e.series[0],o=e._data[0],i=e.valToPos(
o[l[0]],n,!0),u=e.valToPos(o[l[1]],n,!0),r=Be(u-i),f=e.series[t],p=r/(f.points.space*fe);return l[1]-l[0]<=p}var Mr={scale:null,auto:!0,sorted:0,min:we,max:-we},
ia=(e,t,n,l,o)=>o,_r={show:!0,auto:!0,sorted:0,gaps:ia,alpha:1,facets:[Fe({},Mr,{scale:"x"}),Fe({},Mr,{scale:"y"})]},Lr={scale:"y",auto:!0,sorted:0,show:!0,spanGaps:!1,
gaps:ia,alpha:1,points:{show:Cf,filter:null},values:null,min:we,max:-we,idxs:[],path:null,clip:null};function Ef(e,t,n,l,o){return n/10}var ra={time:!0,auto:!0,
distr:1,log:10,asinh:1,min:null,max:null,dir:1,ori:0},Rf=Fe({},ra,{time:!1,ori:1}),Cr={};function aa(e,t){let n=Cr[e];return n||(n={key:e,plots:[],sub(l){n.plots.
push(l)},unsub(l){n.plots=n.plots.filter(o=>o!=l)},pub(l,o,i,u,r,f,p){for(let w=0;w<n.plots.length;w++)n.plots[w]!=o&&n.plots[w].pub(l,o,i,u,r,f,p)}},e!=null&&(Cr[e]=
n)),n}var fl=1,Ss=2;function Fn(e,t,n){let l=e.mode,o=e.series[t],i=l==2?e._data[t]:e._data,u=e.scales,r=e.bbox,f=i[0],p=l==2?i[1]:i[t],w=l==2?u[o.facets[0].scale]:
u[e.series[0].scale],h=l==2?u[o.facets[1].scale]:u[o.scale],b=r.left,L=r.top,T=r.width,D=r.height,q=e.valToPosH,B=e.valToPosV;return w.ori==0?n(o,f,p,w,h,q,B,b,
L,T,D,Mo,pl,Lo,ca,da):n(o,f,p,w,h,B,q,L,b,D,T,_o,ml,Is,fa,pa)}function Ns(e,t){let n=0,l=0,o=ae(e.bands,As);for(let i=0;i<o.length;i++){let u=o[i];u.series[0]==
t?n=u.dir:u.series[1]==t&&(u.dir==1?l|=1:l|=2)}return[n,l==1?-1:l==2?1:l==3?2:0]}function Vf(e,t,n,l,o){let i=e.mode,u=e.series[t],r=i==2?u.facets[1].scale:u.scale,
f=e.scales[r];return o==-1?f.min:o==1?f.max:f.distr==3?f.dir==1?f.min:f.max:0}function ln(e,t,n,l,o,i){return Fn(e,t,(u,r,f,p,w,h,b,L,T,D,q)=>{let B=u.pxRound,S=p.
dir*(p.ori==0?1:-1),z=p.ori==0?pl:ml,M,Q;S==1?(M=n,Q=l):(M=l,Q=n);let A=B(h(r[M],p,D,L)),X=B(b(f[M],w,q,T)),Z=B(h(r[Q],p,D,L)),le=B(b(i==1?w.max:w.min,w,q,T)),U=new Path2D(
o);return z(U,Z,le),z(U,A,le),z(U,A,X),U})}function So(e,t,n,l,o,i){let u=null;if(e.length>0){u=new Path2D;let r=t==0?Lo:Is,f=n;for(let h=0;h<e.length;h++){let b=e[h];
if(b[1]>b[0]){let L=b[0]-f;L>0&&r(u,f,l,L,l+i),f=b[1]}}let p=n+o-f,w=10;p>0&&r(u,f,l-w/2,p,l+i+w)}return u}function Df(e,t,n){let l=e[e.length-1];l&&l[0]==t?l[1]=
n:e.push([t,n])}function Ws(e,t,n,l,o,i,u){let r=[],f=e.length;for(let p=o==1?n:l;p>=n&&p<=l;p+=o)if(t[p]===null){let h=p,b=p;if(o==1)for(;++p<=l&&t[p]===null;)
b=p;else for(;--p>=n&&t[p]===null;)b=p;let L=i(e[h]),T=b==h?L:i(e[b]),D=h-o;L=u<=0&&D>=0&&D<f?i(e[D]):L;let B=b+o;T=u>=0&&B>=0&&B<f?i(e[B]):T,T>=L&&r.push([L,T])}
return r}function Er(e){return e==0?Wr:e==1?qe:t=>Vn(t,e)}function ua(e){let t=e==0?Mo:_o,n=e==0?(o,i,u,r,f,p)=>{o.arcTo(i,u,r,f,p)}:(o,i,u,r,f,p)=>{o.arcTo(u,i,
f,r,p)},l=e==0?(o,i,u,r,f)=>{o.rect(i,u,r,f)}:(o,i,u,r,f)=>{o.rect(u,i,f,r)};return(o,i,u,r,f,p=0,w=0)=>{p==0&&w==0?l(o,i,u,r,f):(p=Wt(p,r/2,f/2),w=Wt(w,r/2,f/2),
t(o,i+p,u),n(o,i+r,u,i+r,u+f,p),n(o,i+r,u+f,i,u+f,w),n(o,i,u+f,i,u,w),n(o,i,u,i+r,u,p),o.closePath())}}var Mo=(e,t,n)=>{e.moveTo(t,n)},_o=(e,t,n)=>{e.moveTo(n,t)},
pl=(e,t,n)=>{e.lineTo(t,n)},ml=(e,t,n)=>{e.lineTo(n,t)},Lo=ua(0),Is=ua(1),ca=(e,t,n,l,o,i)=>{e.arc(t,n,l,o,i)},fa=(e,t,n,l,o,i)=>{e.arc(n,t,l,o,i)},da=(e,t,n,l,o,i,u)=>{
e.bezierCurveTo(t,n,l,o,i,u)},pa=(e,t,n,l,o,i,u)=>{e.bezierCurveTo(n,t,o,l,u,i)};function ma(e){return(t,n,l,o,i)=>Fn(t,n,(u,r,f,p,w,h,b,L,T,D,q)=>{let{pxRound:B,
points:S}=u,z,M;p.ori==0?(z=Mo,M=ca):(z=_o,M=fa);let Q=be(S.width*fe,3),A=(S.size-S.width)/2*fe,X=be(A*2,3),Z=new Path2D,le=new Path2D,{left:U,top:_,width:$,height:P}=t.
bbox;Lo(le,U-X,_-X,$+X*2,P+X*2);let K=W=>{if(f[W]!=null){let se=B(h(r[W],p,D,L)),O=B(b(f[W],w,q,T));z(Z,se+A,O),M(Z,se,O,A,0,go*2)}};if(i)i.forEach(K);else for(let W=l;W<=
o;W++)K(W);return{stroke:Q>0?Z:null,fill:Z,clip:le,flags:fl|Ss}})}function ha(e){return(t,n,l,o,i,u)=>{l!=o&&(i!=l&&u!=l&&e(t,n,l),i!=o&&u!=o&&e(t,n,o),e(t,n,u))}}
var Af=ha(pl),Pf=ha(ml);function ga(e){let t=ae(e?.alignGaps,0);return(n,l,o,i)=>Fn(n,l,(u,r,f,p,w,h,b,L,T,D,q)=>{[o,i]=vo(f,o,i);let B=u.pxRound,S=P=>B(h(P,p,D,
L)),z=P=>B(b(P,w,q,T)),M,Q;p.ori==0?(M=pl,Q=Af):(M=ml,Q=Pf);let A=p.dir*(p.ori==0?1:-1),X={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:fl},Z=X.
stroke,le=!1;if(i-o>=D*4){let P=H=>n.posToVal(H,p.key,!0),K=null,W=null,se,O,rt,Le=S(r[A==1?o:i]),ie=S(r[o]),me=S(r[i]),ee=P(A==1?ie+1:me-1);for(let H=A==1?o:i;H>=
o&&H<=i;H+=A){let We=r[H],Ce=(A==1?We<ee:We>ee)?Le:S(We),de=f[H];Ce==Le?de!=null?(O=de,K==null?(M(Z,Ce,z(O)),se=K=W=O):O<K?K=O:O>W&&(W=O)):de===null&&(le=!0):(K!=
null&&Q(Z,Le,z(K),z(W),z(se),z(O)),de!=null?(O=de,M(Z,Ce,z(O)),K=W=se=O):(K=W=null,de===null&&(le=!0)),Le=Ce,ee=P(Le+A))}K!=null&&K!=W&&rt!=Le&&Q(Z,Le,z(K),z(W),
z(se),z(O))}else for(let P=A==1?o:i;P>=o&&P<=i;P+=A){let K=f[P];K===null?le=!0:K!=null&&M(Z,S(r[P]),z(K))}let[_,$]=Ns(n,l);if(u.fill!=null||_!=0){let P=X.fill=new Path2D(
Z),K=u.fillTo(n,l,u.min,u.max,_),W=z(K),se=S(r[o]),O=S(r[i]);A==-1&&([O,se]=[se,O]),M(P,O,W),M(P,se,W)}if(!u.spanGaps){let P=[];le&&P.push(...Ws(r,f,o,i,A,S,t)),
X.gaps=P=u.gaps(n,l,o,i,P),X.clip=So(P,p.ori,L,T,D,q)}return $!=0&&(X.band=$==2?[ln(n,l,o,i,Z,-1),ln(n,l,o,i,Z,1)]:ln(n,l,o,i,Z,$)),X})}function Hf(e){let t=ae(
e.align,1),n=ae(e.ascDesc,!1),l=ae(e.alignGaps,0),o=ae(e.extend,!1);return(i,u,r,f)=>Fn(i,u,(p,w,h,b,L,T,D,q,B,S,z)=>{[r,f]=vo(h,r,f);let M=p.pxRound,{left:Q,width:A}=i.
bbox,X=ie=>M(T(ie,b,S,q)),Z=ie=>M(D(ie,L,z,B)),le=b.ori==0?pl:ml,U={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:fl},_=U.stroke,$=b.dir*(b.ori==
0?1:-1),P=Z(h[$==1?r:f]),K=X(w[$==1?r:f]),W=K,se=K;o&&t==-1&&(se=Q,le(_,se,P)),le(_,K,P);for(let ie=$==1?r:f;ie>=r&&ie<=f;ie+=$){let me=h[ie];if(me==null)continue;
let ee=X(w[ie]),H=Z(me);t==1?le(_,ee,P):le(_,W,H),le(_,ee,H),P=H,W=ee}let O=W;o&&t==1&&(O=Q+A,le(_,O,P));let[rt,Le]=Ns(i,u);if(p.fill!=null||rt!=0){let ie=U.fill=
new Path2D(_),me=p.fillTo(i,u,p.min,p.max,rt),ee=Z(me);le(ie,O,ee),le(ie,se,ee)}if(!p.spanGaps){let ie=[];ie.push(...Ws(w,h,r,f,$,X,l));let me=p.width*fe/2,ee=n||
t==1?me:-me,H=n||t==-1?-me:me;ie.forEach(We=>{We[0]+=ee,We[1]+=H}),U.gaps=ie=p.gaps(i,u,r,f,ie),U.clip=So(ie,b.ori,q,B,S,z)}return Le!=0&&(U.band=Le==2?[ln(i,u,
r,f,_,-1),ln(i,u,r,f,_,1)]:ln(i,u,r,f,_,Le)),U})}function Rr(e,t,n,l,o,i,u=we){if(e.length>1){let r=null;for(let f=0,p=1/0;f<e.length;f++)if(t[f]!==void 0){if(r!=
null){let w=Be(e[f]-e[r]);w<p&&(p=w,u=Be(n(e[f],l,o,i)-n(e[r],l,o,i)))}r=f}}return u}function Ff(e){e=e||Il;let t=ae(e.size,[.6,we,1]),n=e.align||0,l=e.gap||0,o=e.
radius;o=o==null?[0,0]:typeof o=="number"?[o,0]:o;let i=oe(o),u=1-t[0],r=ae(t[1],we),f=ae(t[2],1),p=ae(e.disp,Il),w=ae(e.each,L=>{}),{fill:h,stroke:b}=p;return(L,T,D,q)=>Fn(
L,T,(B,S,z,M,Q,A,X,Z,le,U,_)=>{let $=B.pxRound,P=n,K=l*fe,W=r*fe,se=f*fe,O,rt;M.ori==0?[O,rt]=i(L,T):[rt,O]=i(L,T);let Le=M.dir*(M.ori==0?1:-1),ie=M.ori==0?Lo:Is,
me=M.ori==0?w:(R,ye,Ie,Bn,vn,zt,xn)=>{w(R,ye,Ie,vn,Bn,xn,zt)},ee=ae(L.bands,As).find(R=>R.series[0]==T),H=ee!=null?ee.dir:0,We=B.fillTo(L,T,B.min,B.max,H),tt=$(
X(We,Q,_,le)),Ce,de,Et,ct=U,Re=$(B.width*fe),It=!1,Jt=null,yt=null,on=null,In=null;h!=null&&(Re==0||b!=null)&&(It=!0,Jt=h.values(L,T,D,q),yt=new Map,new Set(Jt).
forEach(R=>{R!=null&&yt.set(R,new Path2D)}),Re>0&&(on=b.values(L,T,D,q),In=new Map,new Set(on).forEach(R=>{R!=null&&In.set(R,new Path2D)})));let{x0:zn,size:Sl}=p;
if(zn!=null&&Sl!=null){P=1,S=zn.values(L,T,D,q),zn.unit==2&&(S=S.map(Ie=>L.posToVal(Z+Ie*U,M.key,!0)));let R=Sl.values(L,T,D,q);Sl.unit==2?de=R[0]*U:de=A(R[0],M,
U,Z)-A(0,M,U,Z),ct=Rr(S,z,A,M,U,Z,ct),Et=ct-de+K}else ct=Rr(S,z,A,M,U,Z,ct),Et=ct*u+K,de=ct-Et;Et<1&&(Et=0),Re>=de/2&&(Re=0),Et<5&&($=Wr);let no=Et>0,bn=ct-Et-(no?
Re:0);de=$(xs(bn,se,W)),Ce=(P==0?de/2:P==Le?0:de)-P*Le*((P==0?K/2:0)+(no?Re/2:0));let nt={stroke:null,fill:null,clip:null,band:null,gaps:null,flags:0},qn=It?null:
new Path2D,$t=null;if(ee!=null)$t=L.data[ee.series[1]];else{let{y0:R,y1:ye}=p;R!=null&&ye!=null&&(z=ye.values(L,T,D,q),$t=R.values(L,T,D,q))}let yn=O*de,J=rt*de;
for(let R=Le==1?D:q;R>=D&&R<=q;R+=Le){let ye=z[R];if(ye==null)continue;if($t!=null){let at=$t[R]??0;if(ye-at==0)continue;tt=X(at,Q,_,le)}let Ie=M.distr!=2||p!=null?
S[R]:R,Bn=A(Ie,M,U,Z),vn=X(ae(ye,We),Q,_,le),zt=$(Bn-Ce),xn=$(it(vn,tt)),ft=$(Wt(vn,tt)),vt=xn-ft;if(ye!=null){let at=ye<0?J:yn,Rt=ye<0?yn:J;It?(Re>0&&on[R]!=null&&
ie(In.get(on[R]),zt,ft+wt(Re/2),de,it(0,vt-Re),at,Rt),Jt[R]!=null&&ie(yt.get(Jt[R]),zt,ft+wt(Re/2),de,it(0,vt-Re),at,Rt)):ie(qn,zt,ft+wt(Re/2),de,it(0,vt-Re),at,
Rt),me(L,T,R,zt-Re/2,ft,de+Re,vt)}}return Re>0?nt.stroke=It?In:qn:It||(nt._fill=B.width==0?B._fill:B._stroke??B._fill,nt.width=0),nt.fill=It?yt:qn,nt})}function Of(e,t){
let n=ae(t?.alignGaps,0);return(l,o,i,u)=>Fn(l,o,(r,f,p,w,h,b,L,T,D,q,B)=>{[i,u]=vo(p,i,u);let S=r.pxRound,z=O=>S(b(O,w,q,T)),M=O=>S(L(O,h,B,D)),Q,A,X;w.ori==0?
(Q=Mo,X=pl,A=da):(Q=_o,X=ml,A=pa);let Z=w.dir*(w.ori==0?1:-1),le=z(f[Z==1?i:u]),U=le,_=[],$=[];for(let O=Z==1?i:u;O>=i&&O<=u;O+=Z)if(p[O]!=null){let Le=f[O],ie=z(
Le);_.push(U=ie),$.push(M(p[O]))}let P={stroke:e(_,$,Q,X,A,S),fill:null,clip:null,band:null,gaps:null,flags:fl},K=P.stroke,[W,se]=Ns(l,o);if(r.fill!=null||W!=0){
let O=P.fill=new Path2D(K),rt=r.fillTo(l,o,r.min,r.max,W),Le=M(rt);X(O,U,Le),X(O,le,Le)}if(!r.spanGaps){let O=[];O.push(...Ws(f,p,i,u,Z,z,n)),P.gaps=O=r.gaps(l,
o,i,u,O),P.clip=So(O,w.ori,T,D,q,B)}return se!=0&&(P.band=se==2?[ln(l,o,i,u,K,-1),ln(l,o,i,u,K,1)]:ln(l,o,i,u,K,se)),P})}function Nf(e){return Of(Wf,e)}function Wf(e,t,n,l,o,i){
let u=e.length;if(u<2)return null;let r=new Path2D;if(n(r,e[0],t[0]),u==2)l(r,e[1],t[1]);else{let f=Array(u),p=Array(u-1),w=Array(u-1),h=Array(u-1);for(let b=0;b<
u-1;b++)w[b]=t[b+1]-t[b],h[b]=e[b+1]-e[b],p[b]=w[b]/h[b];f[0]=p[0];for(let b=1;b<u-1;b++)p[b]===0||p[b-1]===0||p[b-1]>0!=p[b]>0?f[b]=0:(f[b]=3*(h[b-1]+h[b])/((2*
h[b]+h[b-1])/p[b-1]+(h[b]+2*h[b-1])/p[b]),isFinite(f[b])||(f[b]=0));f[u-1]=p[u-2];for(let b=0;b<u-1;b++)o(r,e[b]+h[b]/3,t[b]+f[b]*h[b]/3,e[b+1]-h[b]/3,t[b+1]-f[b+
1]*h[b]/3,e[b+1],t[b+1])}return r}var Ms=new Set;function Vr(){for(let e of Ms)e.syncRect(!0)}dl&&(Pn(bc,rl,Vr),Pn(yc,rl,Vr,!0),Pn(wo,rl,()=>{Ve.pxRatio=fe}));var If=ga(),
zf=ma();function Dr(e,t,n,l){return(l?[e[0],e[1]].concat(e.slice(2)):[e[0]].concat(e.slice(1))).map((i,u)=>_s(i,u,t,n))}function qf(e,t){return e.map((n,l)=>l==
0?{}:Fe({},t,n))}function _s(e,t,n,l){return Fe({},t==0?n:l,e)}function wa(e,t,n){return t==null?ul:[t,n]}var Bf=wa;function Gf(e,t,n){return t==null?ul:bo(t,n,
Vs,!0)}function ba(e,t,n,l){return t==null?ul:xo(t,n,e.scales[l].log,!1)}var Yf=ba;function ya(e,t,n,l){return t==null?ul:Rs(t,n,e.scales[l].log,!1)}var Kf=ya;function jf(e,t,n,l,o){
let i=it(cr(e),cr(t)),u=t-e,r=Nt(o/l*u,n);do{let f=n[r],p=l*f/u;if(p>=o&&i+(f<5?gn.get(f):0)<=17)return[f,p]}while(++r<n.length);return[0,0]}function Ar(e){let t,
n;return e=e.replace(/(\d+)px/,(l,o)=>(t=qe((n=+o)*fe))+"px"),[e,t,n]}function Uf(e){e.show&&[e.font,e.labelFont].forEach(t=>{let n=be(t[2]*fe,1);t[0]=t[0].replace(
/[0-9.]+px/,n+"px"),t[1]=n})}function Ve(e,t,n){let l={mode:ae(e.mode,1)},o=l.mode;function i(s,a,c,d){let m=a.valToPct(s);return d+c*(a.dir==-1?1-m:m)}function u(s,a,c,d){
let m=a.valToPct(s);return d+c*(a.dir==-1?m:1-m)}function r(s,a,c,d){return a.ori==0?i(s,a,c,d):u(s,a,c,d)}l.valToPosH=i,l.valToPosV=u;let f=!1;l.status=0;let p=l.
root=_t(ec);if(e.id!=null&&(p.id=e.id),gt(p,e.class),e.title){let s=_t(lc,p);s.textContent=e.title}let w=Ot("canvas"),h=l.ctx=w.getContext("2d"),b=_t(oc,p);Pn("\
click",b,s=>{s.target===T&&(ke!=el||Ee!=tl)&&Qe.click(l,s)},!0);let L=l.under=_t(sc,b);b.appendChild(w);let T=l.over=_t(ic,b);e=cl(e);let D=+ae(e.pxAlign,1),q=Er(
D);(e.plugins||[]).forEach(s=>{s.opts&&(e=s.opts(l,e)||e)});let B=e.ms||.001,S=l.series=o==1?Dr(e.series||[],kr,Lr,!1):qf(e.series||[null],_r),z=l.axes=Dr(e.axes||
[],xr,Sr,!0),M=l.scales={},Q=l.bands=e.bands||[];Q.forEach(s=>{s.fill=oe(s.fill||null),s.dir=ae(s.dir,-1)});let A=o==2?S[1].facets[0].scale:S[0].scale,X={axes:Nu,
series:Au},Z=(e.drawOrder||["axes","series"]).map(s=>X[s]);function le(s){let a=s.distr==3?c=>nn(c>0?c:s.clamp(l,c,s.min,s.max,s.key)):s.distr==4?c=>ps(c,s.asinh):
s.distr==100?c=>s.fwd(c):c=>c;return c=>{let d=a(c),{_min:m,_max:g}=s,y=g-m;return(d-m)/y}}function U(s){let a=M[s];if(a==null){let c=(e.scales||Il)[s]||Il;if(c.
from!=null){U(c.from);let d=Fe({},M[c.from],c,{key:s});d.valToPct=le(d),M[s]=d}else{a=M[s]=Fe({},s==A?ra:Rf,c),a.key=s;let d=a.time,m=a.range,g=hn(m);if((s!=A||
o==2&&!d)&&(g&&(m[0]==null||m[1]==null)&&(m={min:m[0]==null?rr:{mode:1,hard:m[0],soft:m[0]},max:m[1]==null?rr:{mode:1,hard:m[1],soft:m[1]}},g=!1),!g&&To(m))){let y=m;
m=(x,k,C)=>k==null?ul:bo(k,C,y)}a.range=oe(m||(d?Bf:s==A?a.distr==3?Yf:a.distr==4?Kf:wa:a.distr==3?ba:a.distr==4?ya:Gf)),a.auto=oe(g?!1:a.auto),a.clamp=oe(a.clamp||
Ef),a._min=a._max=null,a.valToPct=le(a)}}}U("x"),U("y"),o==1&&S.forEach(s=>{U(s.scale)}),z.forEach(s=>{U(s.scale)});for(let s in e.scales)U(s);let _=M[A],$=_.distr,
P,K;_.ori==0?(gt(p,tc),P=i,K=u):(gt(p,nc),P=u,K=i);let W={};for(let s in M){let a=M[s];(a.min!=null||a.max!=null)&&(W[s]={min:a.min,max:a.max},a.min=a.max=null)}
let se=e.tzDate||(s=>new Date(qe(s/B))),O=e.fmtDate||Ps,rt=B==1?tf(se):of(se),Le=br(se,wr(B==1?ef:lf,O)),ie=vr(se,yr(rf,O)),me=[],ee=l.legend=Fe({},cf,e.legend),
H=l.cursor=Fe({},gf,{drag:{y:o==2}},e.cursor),We=ee.show,tt=H.show,Ce=ee.markers;ee.idxs=me,Ce.width=oe(Ce.width),Ce.dash=oe(Ce.dash),Ce.stroke=oe(Ce.stroke),Ce.
fill=oe(Ce.fill);let de,Et,ct,Re=[],It=[],Jt,yt=!1,on={};if(ee.live){let s=S[1]?S[1].values:null;yt=s!=null,Jt=yt?s(l,1,0):{_:0};for(let a in Jt)on[a]=Cs}if(We)
if(de=Ot("table",dc,p),ct=Ot("tbody",null,de),ee.mount(l,de),yt){Et=Ot("thead",null,de,ct);let s=Ot("tr",null,Et);Ot("th",null,s);for(var In in Jt)Ot("th",Ui,s).
textContent=In}else gt(de,mc),ee.live&&gt(de,pc);let zn={show:!0},Sl={show:!1};function no(s,a){if(a==0&&(yt||!ee.live||o==2))return ul;let c=[],d=Ot("tr",hc,ct,
ct.childNodes[a]);gt(d,s.class),s.show||gt(d,An);let m=Ot("th",null,d);if(Ce.show){let x=_t(gc,m);if(a>0){let k=Ce.width(l,a);k&&(x.style.border=k+"px "+Ce.dash(
l,a)+" "+Ce.stroke(l,a)),x.style.background=Ce.fill(l,a)}}let g=_t(Ui,m);s.label instanceof HTMLElement?g.appendChild(s.label):g.textContent=s.label,a>0&&(Ce.show||
(g.style.color=s.width>0?Ce.stroke(l,a):Ce.fill(l,a)),nt("click",m,x=>{if(H._lock)return;Tn(x);let k=S.indexOf(s);if((x.ctrlKey||x.metaKey)!=ee.isolate){let C=S.
some((E,V)=>V>0&&V!=k&&E.show);S.forEach((E,V)=>{V>0&&Bt(V,C?V==k?zn:Sl:zn,!0,He.setSeries)})}else Bt(k,{show:!s.show},!0,He.setSeries)},!1),Yn&&nt(Qi,m,x=>{H._lock||
(Tn(x),Bt(S.indexOf(s),ll,!0,He.setSeries))},!1));for(var y in Jt){let x=Ot("td",wc,d);x.textContent="--",c.push(x)}return[d,c]}let bn=new Map;function nt(s,a,c,d=!0){
let m=bn.get(a)||{},g=H.bind[s](l,a,c,d);g&&(Pn(s,a,m[s]=g),bn.set(a,m))}function qn(s,a,c){let d=bn.get(a)||{};for(let m in d)(s==null||m==s)&&(vs(m,a,d[m]),delete d[m]);
s==null&&bn.delete(a)}let $t=0,yn=0,J=0,R=0,ye=0,Ie=0,Bn=ye,vn=Ie,zt=J,xn=R,ft=0,vt=0,at=0,Rt=0;l.bbox={};let Oo=!1,lo=!1,Gn=!1,kn=!1,oo=!1,xt=!1;function No(s,a,c){
(c||s!=l.width||a!=l.height)&&di(s,a),Jn(!1),Gn=!0,lo=!0,$n()}function di(s,a){l.width=$t=J=s,l.height=yn=R=a,ye=Ie=0,_u(),Lu();let c=l.bbox;ft=c.left=Vn(ye*fe,
.5),vt=c.top=Vn(Ie*fe,.5),at=c.width=Vn(J*fe,.5),Rt=c.height=Vn(R*fe,.5)}let Tu=3;function Su(){let s=!1,a=0;for(;!s;){a++;let c=Fu(a),d=Ou(a);s=a==Tu||c&&d,s||
(di(l.width,l.height),lo=!0)}}function Mu({width:s,height:a}){No(s,a)}l.setSize=Mu;function _u(){let s=!1,a=!1,c=!1,d=!1;z.forEach((m,g)=>{if(m.show&&m._show){let{
side:y,_size:x}=m,k=y%2,C=m.label!=null?m.labelSize:0,E=x+C;E>0&&(k?(J-=E,y==3?(ye+=E,d=!0):c=!0):(R-=E,y==0?(Ie+=E,s=!0):a=!0))}}),Sn[0]=s,Sn[1]=c,Sn[2]=a,Sn[3]=
d,J-=sn[1]+sn[3],ye+=sn[3],R-=sn[2]+sn[0],Ie+=sn[0]}function Lu(){let s=ye+J,a=Ie+R,c=ye,d=Ie;function m(g,y){switch(g){case 1:return s+=y,s-y;case 2:return a+=
y,a-y;case 3:return c-=y,c+y;case 0:return d-=y,d+y}}z.forEach((g,y)=>{if(g.show&&g._show){let x=g.side;g._pos=m(x,g._size),g.label!=null&&(g._lpos=m(x,g.labelSize))}})}
if(H.dataIdx==null){let s=H.hover,a=s.skip=new Set(s.skip??[]);a.add(void 0);let c=s.prox=oe(s.prox),d=s.bias??=0;H.dataIdx=(m,g,y,x)=>{if(g==0)return y;let k=y,
C=c(m,g,y,x)??we,E=C>=0&&C<we,V=_.ori==0?J:R,j=H.left,ue=t[0],re=t[g];if(a.has(re[y])){k=null;let te=null,G=null,F;if(d==0||d==-1)for(F=y;te==null&&F-- >0;)a.has(
re[F])||(te=F);if(d==0||d==1)for(F=y;G==null&&F++<re.length;)a.has(re[F])||(G=F);if(te!=null||G!=null)if(E){let Se=te==null?-1/0:P(ue[te],_,V,0),De=G==null?1/0:
P(ue[G],_,V,0),Ze=j-Se,he=De-j;Ze<=he?Ze<=C&&(k=te):he<=C&&(k=G)}else k=G==null?te:te==null?G:y-te<=G-y?te:G}else E&&Be(j-P(ue[y],_,V,0))>C&&(k=null);return k}}
let Tn=s=>{H.event=s};H.idxs=me,H._lock=!1;let et=H.points;et.show=oe(et.show),et.size=oe(et.size),et.stroke=oe(et.stroke),et.width=oe(et.width),et.fill=oe(et.fill);
let qt=l.focus=Fe({},e.focus||{alpha:.3},H.focus),Yn=qt.prox>=0,Kn=Yn&&et.one,kt=[],jn=[],Un=[];function pi(s,a){let c=et.show(l,a);if(c instanceof HTMLElement)
return gt(c,fc),gt(c,s.class),Ut(c,-10,-10,J,R),T.insertBefore(c,kt[a]),c}function mi(s,a){if(o==1||a>0){let c=o==1&&M[s.scale].time,d=s.value;s.value=c?pr(d)?vr(
se,yr(d,O)):d||ie:d||_f,s.label=s.label||(c?bf:wf)}if(Kn||a>0){s.width=s.width==null?1:s.width,s.paths=s.paths||If||Ec,s.fillTo=oe(s.fillTo||Vf),s.pxAlign=+ae(s.
pxAlign,D),s.pxRound=Er(s.pxAlign),s.stroke=oe(s.stroke||null),s.fill=oe(s.fill||null),s._stroke=s._fill=s._paths=s._focus=null;let c=Lf(it(1,s.width),1),d=s.points=
Fe({},{size:c,width:it(1,c*.2),stroke:s.stroke,space:c*2,paths:zf,_stroke:null,_fill:null},s.points);d.show=oe(d.show),d.filter=oe(d.filter),d.fill=oe(d.fill),d.
stroke=oe(d.stroke),d.paths=oe(d.paths),d.pxAlign=s.pxAlign}if(We){let c=no(s,a);Re.splice(a,0,c[0]),It.splice(a,0,c[1]),ee.values.push(null)}if(tt){me.splice(a,
0,null);let c=null;Kn?a==0&&(c=pi(s,a)):a>0&&(c=pi(s,a)),kt.splice(a,0,c),jn.splice(a,0,0),Un.splice(a,0,0)}Ue("addSeries",a)}function Cu(s,a){a=a??S.length,s=o==
1?_s(s,a,kr,Lr):_s(s,a,{},_r),S.splice(a,0,s),mi(S[a],a)}l.addSeries=Cu;function Eu(s){if(S.splice(s,1),We){ee.values.splice(s,1),It.splice(s,1);let a=Re.splice(
s,1)[0];qn(null,a.firstChild),a.remove()}tt&&(me.splice(s,1),kt.splice(s,1)[0].remove(),jn.splice(s,1),Un.splice(s,1)),Ue("delSeries",s)}l.delSeries=Eu;let Sn=[
!1,!1,!1,!1];function Ru(s,a){if(s._show=s.show,s.show){let c=s.side%2,d=M[s.scale];d==null&&(s.scale=c?S[1].scale:A,d=M[s.scale]);let m=d.time;s.size=oe(s.size),
s.space=oe(s.space),s.rotate=oe(s.rotate),hn(s.incrs)&&s.incrs.forEach(y=>{!gn.has(y)&&gn.set(y,qr(y))}),s.incrs=oe(s.incrs||(d.distr==2?$c:m?B==1?Xc:nf:Dn)),s.
splits=oe(s.splits||(m&&d.distr==1?rt:d.distr==3?ks:d.distr==4?xf:vf)),s.stroke=oe(s.stroke),s.grid.stroke=oe(s.grid.stroke),s.ticks.stroke=oe(s.ticks.stroke),s.
border.stroke=oe(s.border.stroke);let g=s.values;s.values=hn(g)&&!hn(g[0])?oe(g):m?hn(g)?br(se,wr(g,O)):pr(g)?sf(se,g):g||Le:g||yf,s.filter=oe(s.filter||(d.distr>=
3&&d.log==10?Sf:d.distr==3&&d.log==2?Mf:Ir)),s.font=Ar(s.font),s.labelFont=Ar(s.labelFont),s._size=s.size(l,null,a,0),s._space=s._rotate=s._incrs=s._found=s._splits=
s._values=null,s._size>0&&(Sn[a]=!0,s._el=_t(rc,b))}}function Ml(s,a,c,d){let[m,g,y,x]=c,k=a%2,C=0;return k==0&&(x||g)&&(C=a==0&&!m||a==2&&!y?qe(xr.size/3):0),k==
1&&(m||y)&&(C=a==1&&!g||a==3&&!x?qe(Sr.size/2):0),C}let hi=l.padding=(e.padding||[Ml,Ml,Ml,Ml]).map(s=>oe(ae(s,Ml))),sn=l._padding=hi.map((s,a)=>s(l,a,Sn,0)),$e,
Ge=null,Ye=null,so=o==1?S[0].idxs:null,Vt=null,_l=!1;function gi(s,a){if(t=s??[],l.data=l._data=t,o==2){$e=0;for(let c=1;c<S.length;c++)$e+=t[c][0].length}else{
t.length==0&&(l.data=l._data=t=[[]]),Vt=t[0],$e=Vt.length;let c=t;if($==2){c=t.slice();let d=c[0]=Array($e);for(let m=0;m<$e;m++)d[m]=m}l._data=t=c}if(Jn(!0),Ue(
"setData"),$==2&&(Gn=!0),a!==!1){let c=_;c.auto(l,_l)?Wo():an(A,c.min,c.max),kn=kn||H.left>=0,xt=!0,$n()}}l.setData=gi;function Wo(){_l=!0;let s,a;o==1&&($e>0?(Ge=
so[0]=0,Ye=so[1]=$e-1,s=t[0][Ge],a=t[0][Ye],$==2?(s=Ge,a=Ye):s==a&&($==3?[s,a]=xo(s,s,_.log,!1):$==4?[s,a]=Rs(s,s,_.log,!1):_.time?a=s+qe(86400/B):[s,a]=bo(s,a,
Vs,!0))):(Ge=so[0]=s=null,Ye=so[1]=a=null)),an(A,s,a)}let io,Zn,Io,zo,qo,Bo,Go,Yo,Ko,ut;function wi(s,a,c,d,m,g){s??=Ji,c??=As,d??="butt",m??=Ji,g??="round",s!=
io&&(h.strokeStyle=io=s),m!=Zn&&(h.fillStyle=Zn=m),a!=Io&&(h.lineWidth=Io=a),g!=qo&&(h.lineJoin=qo=g),d!=Bo&&(h.lineCap=Bo=d),c!=zo&&h.setLineDash(zo=c)}function bi(s,a,c,d){
a!=Zn&&(h.fillStyle=Zn=a),s!=Go&&(h.font=Go=s),c!=Yo&&(h.textAlign=Yo=c),d!=Ko&&(h.textBaseline=Ko=d)}function jo(s,a,c,d,m=0){if(d.length>0&&s.auto(l,_l)&&(a==
null||a.min==null)){let g=ae(Ge,0),y=ae(Ye,d.length-1),x=c.min==null?Tc(d,g,y,m,s.distr==3):[c.min,c.max];s.min=Wt(s.min,c.min=x[0]),s.max=it(s.max,c.max=x[1])}}
let yi={min:null,max:null};function Vu(){for(let d in M){let m=M[d];W[d]==null&&(m.min==null||W[A]!=null&&m.auto(l,_l))&&(W[d]=yi)}for(let d in M){let m=M[d];W[d]==
null&&m.from!=null&&W[m.from]!=null&&(W[d]=yi)}W[A]!=null&&Jn(!0);let s={};for(let d in W){let m=W[d];if(m!=null){let g=s[d]=cl(M[d],Dc);if(m.min!=null)Fe(g,m);else if(d!=
A||o==2)if($e==0&&g.from==null){let y=g.range(l,null,null,d);g.min=y[0],g.max=y[1]}else g.min=we,g.max=-we}}if($e>0){S.forEach((d,m)=>{if(o==1){let g=d.scale,y=W[g];
if(y==null)return;let x=s[g];if(m==0){let k=x.range(l,x.min,x.max,g);x.min=k[0],x.max=k[1],Ge=Nt(x.min,t[0]),Ye=Nt(x.max,t[0]),Ye-Ge>1&&(t[0][Ge]<x.min&&Ge++,t[0][Ye]>
x.max&&Ye--),d.min=Vt[Ge],d.max=Vt[Ye]}else d.show&&d.auto&&jo(x,y,d,t[m],d.sorted);d.idxs[0]=Ge,d.idxs[1]=Ye}else if(m>0&&d.show&&d.auto){let[g,y]=d.facets,x=g.
scale,k=y.scale,[C,E]=t[m],V=s[x],j=s[k];V!=null&&jo(V,W[x],g,C,g.sorted),j!=null&&jo(j,W[k],y,E,y.sorted),d.min=y.min,d.max=y.max}});for(let d in s){let m=s[d],
g=W[d];if(m.from==null&&(g==null||g.min==null)){let y=m.range(l,m.min==we?null:m.min,m.max==-we?null:m.max,d);m.min=y[0],m.max=y[1]}}}for(let d in s){let m=s[d];
if(m.from!=null){let g=s[m.from];if(g.min==null)m.min=m.max=null;else{let y=m.range(l,g.min,g.max,d);m.min=y[0],m.max=y[1]}}}let a={},c=!1;for(let d in s){let m=s[d],
g=M[d];if(g.min!=m.min||g.max!=m.max){g.min=m.min,g.max=m.max;let y=g.distr;g._min=y==3?nn(g.min):y==4?ps(g.min,g.asinh):y==100?g.fwd(g.min):g.min,g._max=y==3?nn(
g.max):y==4?ps(g.max,g.asinh):y==100?g.fwd(g.max):g.max,a[d]=c=!0}}if(c){S.forEach((d,m)=>{o==2?m>0&&a.y&&(d._paths=null):a[d.scale]&&(d._paths=null)});for(let d in a)
Gn=!0,Ue("setScale",d);tt&&H.left>=0&&(kn=xt=!0)}for(let d in W)W[d]=null}function Du(s){let a=xs(Ge-1,0,$e-1),c=xs(Ye+1,0,$e-1);for(;s[a]==null&&a>0;)a--;for(;s[c]==
null&&c<$e-1;)c++;return[a,c]}function Au(){if($e>0){let s=S.some(a=>a._focus)&&ut!=qt.alpha;s&&(h.globalAlpha=ut=qt.alpha),S.forEach((a,c)=>{if(c>0&&a.show&&(vi(
c,!1),vi(c,!0),a._paths==null)){let d=ut;ut!=a.alpha&&(h.globalAlpha=ut=a.alpha);let m=o==2?[0,t[c][0].length-1]:Du(t[c]);a._paths=a.paths(l,c,m[0],m[1]),ut!=d&&
(h.globalAlpha=ut=d)}}),S.forEach((a,c)=>{if(c>0&&a.show){let d=ut;ut!=a.alpha&&(h.globalAlpha=ut=a.alpha),a._paths!=null&&xi(c,!1);{let m=a._paths!=null?a._paths.
gaps:null,g=a.points.show(l,c,Ge,Ye,m),y=a.points.filter(l,c,g,m);(g||y)&&(a.points._paths=a.points.paths(l,c,Ge,Ye,y),xi(c,!0))}ut!=d&&(h.globalAlpha=ut=d),Ue(
"drawSeries",c)}}),s&&(h.globalAlpha=ut=1)}}function vi(s,a){let c=a?S[s].points:S[s];c._stroke=c.stroke(l,s),c._fill=c.fill(l,s)}function xi(s,a){let c=a?S[s].
points:S[s],{stroke:d,fill:m,clip:g,flags:y,_stroke:x=c._stroke,_fill:k=c._fill,_width:C=c.width}=c._paths;C=be(C*fe,3);let E=null,V=C%2/2;a&&k==null&&(k=C>0?"#\
fff":x);let j=c.pxAlign==1&&V>0;if(j&&h.translate(V,V),!a){let ue=ft-C/2,re=vt-C/2,te=at+C,G=Rt+C;E=new Path2D,E.rect(ue,re,te,G)}a?Uo(x,C,c.dash,c.cap,k,d,m,y,
g):Pu(s,x,C,c.dash,c.cap,k,d,m,y,E,g),j&&h.translate(-V,-V)}function Pu(s,a,c,d,m,g,y,x,k,C,E){let V=!1;k!=0&&Q.forEach((j,ue)=>{if(j.series[0]==s){let re=S[j.series[1]],
te=t[j.series[1]],G=(re._paths||Il).band;hn(G)&&(G=j.dir==1?G[0]:G[1]);let F,Se=null;re.show&&G&&Mc(te,Ge,Ye)?(Se=j.fill(l,ue)||g,F=re._paths.clip):G=null,Uo(a,
c,d,m,Se,y,x,k,C,E,F,G),V=!0}}),V||Uo(a,c,d,m,g,y,x,k,C,E)}let ki=fl|Ss;function Uo(s,a,c,d,m,g,y,x,k,C,E,V){wi(s,a,c,d,m),(k||C||V)&&(h.save(),k&&h.clip(k),C&&
h.clip(C)),V?(x&ki)==ki?(h.clip(V),E&&h.clip(E),ao(m,y),ro(s,g,a)):x&Ss?(ao(m,y),h.clip(V),ro(s,g,a)):x&fl&&(h.save(),h.clip(V),E&&h.clip(E),ao(m,y),h.restore(),
ro(s,g,a)):(ao(m,y),ro(s,g,a)),(k||C||V)&&h.restore()}function ro(s,a,c){c>0&&(a instanceof Map?a.forEach((d,m)=>{h.strokeStyle=io=m,h.stroke(d)}):a!=null&&s&&h.
stroke(a))}function ao(s,a){a instanceof Map?a.forEach((c,d)=>{h.fillStyle=Zn=d,h.fill(c)}):a!=null&&s&&h.fill(a)}function Hu(s,a,c,d){let m=z[s],g;if(d<=0)g=[0,
0];else{let y=m._space=m.space(l,s,a,c,d),x=m._incrs=m.incrs(l,s,a,c,d,y);g=jf(a,c,x,d,y)}return m._found=g}function Zo(s,a,c,d,m,g,y,x,k,C){let E=y%2/2;D==1&&h.
translate(E,E),wi(x,y,k,C,x),h.beginPath();let V,j,ue,re,te=m+(d==0||d==3?-g:g);c==0?(j=m,re=te):(V=m,ue=te);for(let G=0;G<s.length;G++)a[G]!=null&&(c==0?V=ue=s[G]:
j=re=s[G],h.moveTo(V,j),h.lineTo(ue,re));h.stroke(),D==1&&h.translate(-E,-E)}function Fu(s){let a=!0;return z.forEach((c,d)=>{if(!c.show)return;let m=M[c.scale];
if(m.min==null){c._show&&(a=!1,c._show=!1,Jn(!1));return}else c._show||(a=!1,c._show=!0,Jn(!1));let g=c.side,y=g%2,{min:x,max:k}=m,[C,E]=Hu(d,x,k,y==0?J:R);if(E==
0)return;let V=m.distr==2,j=c._splits=c.splits(l,d,x,k,C,E,V),ue=m.distr==2?j.map(F=>Vt[F]):j,re=m.distr==2?Vt[j[1]]-Vt[j[0]]:C,te=c._values=c.values(l,c.filter(
l,ue,d,E,re),d,E,re);c._rotate=g==2?c.rotate(l,te,d,E):0;let G=c._size;c._size=Lt(c.size(l,te,d,s)),G!=null&&c._size!=G&&(a=!1)}),a}function Ou(s){let a=!0;return hi.
forEach((c,d)=>{let m=c(l,d,Sn,s);m!=sn[d]&&(a=!1),sn[d]=m}),a}function Nu(){for(let s=0;s<z.length;s++){let a=z[s];if(!a.show||!a._show)continue;let c=a.side,d=c%
2,m,g,y=a.stroke(l,s),x=c==0||c==3?-1:1,[k,C]=a._found;if(a.label!=null){let ot=a.labelGap*x,mt=qe((a._lpos+ot)*fe);bi(a.labelFont[0],y,"center",c==2?"top":Zi),
h.save(),d==1?(m=g=0,h.translate(mt,qe(vt+Rt/2)),h.rotate((c==3?-go:go)/2)):(m=qe(ft+at/2),g=mt);let Ln=Nr(a.label)?a.label(l,s,k,C):a.label;h.fillText(Ln,m,g),
h.restore()}if(C==0)continue;let E=M[a.scale],V=d==0?at:Rt,j=d==0?ft:vt,ue=a._splits,re=E.distr==2?ue.map(ot=>Vt[ot]):ue,te=E.distr==2?Vt[ue[1]]-Vt[ue[0]]:k,G=a.
ticks,F=a.border,Se=G.show?G.size:0,De=qe(Se*fe),Ze=qe((a.alignTo==2?a._size-Se-a.gap:a.gap)*fe),he=a._rotate*-go/180,Ae=q(a._pos*fe),dt=(De+Ze)*x,lt=Ae+dt;g=d==
0?lt:0,m=d==1?lt:0;let Tt=a.font[0],Dt=a.align==1?sl:a.align==2?cs:he>0?sl:he<0?cs:d==0?"center":c==3?cs:sl,Yt=he||d==1?"middle":c==2?"top":Zi;bi(Tt,y,Dt,Yt);let pt=a.
font[1]*a.lineGap,St=ue.map(ot=>q(r(ot,E,V,j))),At=a._values;for(let ot=0;ot<At.length;ot++){let mt=At[ot];if(mt!=null){d==0?m=St[ot]:g=St[ot],mt=""+mt;let Ln=mt.
indexOf(`
`)==-1?[mt]:mt.split(/\n/gm);for(let st=0;st<Ln.length;st++){let zi=Ln[st];he?(h.save(),h.translate(m,g+st*pt),h.rotate(he),h.fillText(zi,0,0),h.restore()):h.fillText(
zi,m,g+st*pt)}}}G.show&&Zo(St,G.filter(l,re,s,C,te),d,c,Ae,De,be(G.width*fe,3),G.stroke(l,s),G.dash,G.cap);let Kt=a.grid;Kt.show&&Zo(St,Kt.filter(l,re,s,C,te),d,
d==0?2:1,d==0?vt:ft,d==0?Rt:at,be(Kt.width*fe,3),Kt.stroke(l,s),Kt.dash,Kt.cap),F.show&&Zo([Ae],[1],d==0?1:0,d==0?1:2,d==1?vt:ft,d==1?Rt:at,be(F.width*fe,3),F.stroke(
l,s),F.dash,F.cap)}Ue("drawAxes")}function Jn(s){S.forEach((a,c)=>{c>0&&(a._paths=null,s&&(o==1?(a.min=null,a.max=null):a.facets.forEach(d=>{d.min=null,d.max=null})))})}
let uo=!1,Jo=!1,Ll=[];function Wu(){Jo=!1;for(let s=0;s<Ll.length;s++)Ue(...Ll[s]);Ll.length=0}function $n(){uo||(Wc(Ti),uo=!0)}function Iu(s,a=!1){uo=!0,Jo=a,s(
l),Ti(),a&&Ll.length>0&&queueMicrotask(Wu)}l.batch=Iu;function Ti(){if(Oo&&(Vu(),Oo=!1),Gn&&(Su(),Gn=!1),lo){if(Me(L,sl,ye),Me(L,"top",Ie),Me(L,Fl,J),Me(L,Ol,R),
Me(T,sl,ye),Me(T,"top",Ie),Me(T,Fl,J),Me(T,Ol,R),Me(b,Fl,$t),Me(b,Ol,yn),w.width=qe($t*fe),w.height=qe(yn*fe),z.forEach(({_el:s,_show:a,_size:c,_pos:d,side:m})=>{
if(s!=null)if(a){let g=m===3||m===0?c:0,y=m%2==1;Me(s,y?"left":"top",d-g),Me(s,y?"width":"height",c),Me(s,y?"top":"left",y?Ie:ye),Me(s,y?"height":"width",y?R:J),
ys(s,An)}else gt(s,An)}),io=Zn=Io=qo=Bo=Go=Yo=Ko=zo=null,ut=1,Rl(!0),ye!=Bn||Ie!=vn||J!=zt||R!=xn){Jn(!1);let s=J/zt,a=R/xn;if(tt&&!kn&&H.left>=0){H.left*=s,H.top*=
a,Qn&&Ut(Qn,qe(H.left),0,J,R),Xn&&Ut(Xn,0,qe(H.top),J,R);for(let c=0;c<kt.length;c++){let d=kt[c];d!=null&&(jn[c]*=s,Un[c]*=a,Ut(d,Lt(jn[c]),Lt(Un[c]),J,R))}}if(Te.
show&&!oo&&Te.left>=0&&Te.width>0){Te.left*=s,Te.width*=s,Te.top*=a,Te.height*=a;for(let c in ns)Me(nl,c,Te[c])}Bn=ye,vn=Ie,zt=J,xn=R}Ue("setSize"),lo=!1}$t>0&&
yn>0&&(h.clearRect(0,0,w.width,w.height),Ue("drawClear"),Z.forEach(s=>s()),Ue("draw")),Te.show&&oo&&(co(Te),oo=!1),tt&&kn&&(_n(null,!0,!1),kn=!1),ee.show&&ee.live&&
xt&&(es(),xt=!1),f||(f=!0,l.status=1,Ue("ready")),_l=!1,uo=!1}l.redraw=(s,a)=>{Gn=a||!1,s!==!1?an(A,_.min,_.max):$n()};function $o(s,a){let c=M[s];if(c.from==null){
if($e==0){let d=c.range(l,a.min,a.max,s);a.min=d[0],a.max=d[1]}if(a.min>a.max){let d=a.min;a.min=a.max,a.max=d}if($e>1&&a.min!=null&&a.max!=null&&a.max-a.min<1e-16)
return;s==A&&c.distr==2&&$e>0&&(a.min=Nt(a.min,t[0]),a.max=Nt(a.max,t[0]),a.min==a.max&&a.max++),W[s]=a,Oo=!0,$n()}}l.setScale=$o;let Qo,Xo,Qn,Xn,Si,Mi,el,tl,_i,
Li,ke,Ee,rn=!1,Qe=H.drag,Ke=Qe.x,je=Qe.y;tt&&(H.x&&(Qo=_t(uc,T)),H.y&&(Xo=_t(cc,T)),_.ori==0?(Qn=Qo,Xn=Xo):(Qn=Xo,Xn=Qo),ke=H.left,Ee=H.top);let Te=l.select=Fe(
{show:!0,over:!0,left:0,width:0,top:0,height:0},e.select),nl=Te.show?_t(ac,Te.over?T:L):null;function co(s,a){if(Te.show){for(let c in s)Te[c]=s[c],c in ns&&Me(
nl,c,s[c]);a!==!1&&Ue("setSelect")}}l.setSelect=co;function zu(s){if(S[s].show)We&&ys(Re[s],An);else if(We&&gt(Re[s],An),tt){let c=Kn?kt[0]:kt[s];c!=null&&Ut(c,
-10,-10,J,R)}}function an(s,a,c){$o(s,{min:a,max:c})}function Bt(s,a,c,d){a.focus!=null&&Ku(s),a.show!=null&&S.forEach((m,g)=>{g>0&&(s==g||s==null)&&(m.show=a.show,
zu(g),o==2?(an(m.facets[0].scale,null,null),an(m.facets[1].scale,null,null)):an(m.scale,null,null),$n())}),c!==!1&&Ue("setSeries",s,a),d&&Vl("setSeries",l,s,a)}
l.setSeries=Bt;function qu(s,a){Fe(Q[s],a)}function Bu(s,a){s.fill=oe(s.fill||null),s.dir=ae(s.dir,-1),a=a??Q.length,Q.splice(a,0,s)}function Gu(s){s==null?Q.length=
0:Q.splice(s,1)}l.addBand=Bu,l.setBand=qu,l.delBand=Gu;function Yu(s,a){S[s].alpha=a,tt&&kt[s]!=null&&(kt[s].style.opacity=a),We&&Re[s]&&(Re[s].style.opacity=a)}
let Qt,un,Mn,ll={focus:!0};function Ku(s){if(s!=Mn){let a=s==null,c=qt.alpha!=1;S.forEach((d,m)=>{if(o==1||m>0){let g=a||m==0||m==s;d._focus=a?null:g,c&&Yu(m,g?
1:qt.alpha)}}),Mn=s,c&&$n()}}We&&Yn&&nt(Xi,de,s=>{H._lock||(Tn(s),Mn!=null&&Bt(null,ll,!0,He.setSeries))});function Gt(s,a,c){let d=M[a];c&&(s=s/fe-(d.ori==1?Ie:
ye));let m=J;d.ori==1&&(m=R,s=m-s),d.dir==-1&&(s=m-s);let g=d._min,y=d._max,x=s/m,k=g+(y-g)*x,C=d.distr;return C==3?al(10,k):C==4?Lc(k,d.asinh):C==100?d.bwd(k):
k}function ju(s,a){let c=Gt(s,A,a);return Nt(c,t[0],Ge,Ye)}l.valToIdx=s=>Nt(s,t[0]),l.posToIdx=ju,l.posToVal=Gt,l.valToPos=(s,a,c)=>M[a].ori==0?i(s,M[a],c?at:J,
c?ft:0):u(s,M[a],c?Rt:R,c?vt:0),l.setCursor=(s,a,c)=>{ke=s.left,Ee=s.top,_n(null,a,c)};function Ci(s,a){Me(nl,sl,Te.left=s),Me(nl,Fl,Te.width=a)}function Ei(s,a){
Me(nl,"top",Te.top=s),Me(nl,Ol,Te.height=a)}let Cl=_.ori==0?Ci:Ei,El=_.ori==1?Ci:Ei;function Uu(){if(We&&ee.live)for(let s=o==2?1:0;s<S.length;s++){if(s==0&&yt)
continue;let a=ee.values[s],c=0;for(let d in a)It[s][c++].firstChild.nodeValue=a[d]}}function es(s,a){if(s!=null&&(s.idxs?s.idxs.forEach((c,d)=>{me[d]=c}):Vc(s.
idx)||me.fill(s.idx),ee.idx=me[0]),We&&ee.live){for(let c=0;c<S.length;c++)(c>0||o==1&&!yt)&&Zu(c,me[c]);Uu()}xt=!1,a!==!1&&Ue("setLegend")}l.setLegend=es;function Zu(s,a){
let c=S[s],d=s==0&&$==2?Vt:t[s],m;yt?m=c.values(l,s,a)??on:(m=c.value(l,a==null?null:d[a],s,a),m=m==null?on:{_:m}),ee.values[s]=m}function _n(s,a,c){_i=ke,Li=Ee,
[ke,Ee]=H.move(l,ke,Ee),H.left=ke,H.top=Ee,tt&&(Qn&&Ut(Qn,qe(ke),0,J,R),Xn&&Ut(Xn,0,qe(Ee),J,R));let d,m=Ge>Ye;Qt=we,un=null;let g=_.ori==0?J:R,y=_.ori==1?J:R;if(ke<
0||$e==0||m){d=H.idx=null;for(let x=0;x<S.length;x++){let k=kt[x];k!=null&&Ut(k,-10,-10,J,R)}Yn&&Bt(null,ll,!0,s==null&&He.setSeries),ee.live&&(me.fill(d),xt=!0)}else{
let x,k,C;o==1&&(x=_.ori==0?ke:Ee,k=Gt(x,A),d=H.idx=Nt(k,t[0],Ge,Ye),C=P(t[0][d],_,g,0));let E=-10,V=-10,j=0,ue=0,re=!0,te="",G="";for(let F=o==2?1:0;F<S.length;F++){
let Se=S[F],De=me[F],Ze=De==null?null:o==1?t[F][De]:t[F][1][De],he=H.dataIdx(l,F,d,k),Ae=he==null?null:o==1?t[F][he]:t[F][1][he];if(xt=xt||Ae!=Ze||he!=De,me[F]=
he,F>0&&Se.show){let dt=he==null?-10:he==d?C:P(o==1?t[0][he]:t[F][0][he],_,g,0),lt=Ae==null?-10:K(Ae,o==1?M[Se.scale]:M[Se.facets[1].scale],y,0);if(Yn&&Ae!=null){
let Tt=_.ori==1?ke:Ee,Dt=Be(qt.dist(l,F,he,lt,Tt));if(Dt<Qt){let Yt=qt.bias;if(Yt!=0){let pt=Gt(Tt,Se.scale),St=Ae>=0?1:-1,At=pt>=0?1:-1;At==St&&(At==1?Yt==1?Ae>=
pt:Ae<=pt:Yt==1?Ae<=pt:Ae>=pt)&&(Qt=Dt,un=F)}else Qt=Dt,un=F}}if(xt||Kn){let Tt,Dt;_.ori==0?(Tt=dt,Dt=lt):(Tt=lt,Dt=dt);let Yt,pt,St,At,Kt,ot,mt=!0,Ln=et.bbox;if(Ln!=
null){mt=!1;let st=Ln(l,F);St=st.left,At=st.top,Yt=st.width,pt=st.height}else St=Tt,At=Dt,Yt=pt=et.size(l,F);if(ot=et.fill(l,F),Kt=et.stroke(l,F),Kn)F==un&&Qt<=
qt.prox&&(E=St,V=At,j=Yt,ue=pt,re=mt,te=ot,G=Kt);else{let st=kt[F];st!=null&&(jn[F]=St,Un[F]=At,ir(st,Yt,pt,mt),or(st,ot,Kt),Ut(st,Lt(St),Lt(At),J,R))}}}}if(Kn){
let F=qt.prox,Se=Mn==null?Qt<=F:Qt>F||un!=Mn;if(xt||Se){let De=kt[0];De!=null&&(jn[0]=E,Un[0]=V,ir(De,j,ue,re),or(De,te,G),Ut(De,Lt(E),Lt(V),J,R))}}}if(Te.show&&
rn)if(s!=null){let[x,k]=He.scales,[C,E]=He.match,[V,j]=s.cursor.sync.scales,ue=s.cursor.drag;if(Ke=ue._x,je=ue._y,Ke||je){let{left:re,top:te,width:G,height:F}=s.
select,Se=s.scales[V].ori,De=s.posToVal,Ze,he,Ae,dt,lt,Tt=x!=null&&C(x,V),Dt=k!=null&&E(k,j);Tt&&Ke?(Se==0?(Ze=re,he=G):(Ze=te,he=F),Ae=M[x],dt=P(De(Ze,V),Ae,g,
0),lt=P(De(Ze+he,V),Ae,g,0),Cl(Wt(dt,lt),Be(lt-dt))):Cl(0,g),Dt&&je?(Se==1?(Ze=re,he=G):(Ze=te,he=F),Ae=M[k],dt=K(De(Ze,j),Ae,y,0),lt=K(De(Ze+he,j),Ae,y,0),El(Wt(
dt,lt),Be(lt-dt))):El(0,y)}else ls()}else{let x=Be(_i-Si),k=Be(Li-Mi);if(_.ori==1){let j=x;x=k,k=j}Ke=Qe.x&&x>=Qe.dist,je=Qe.y&&k>=Qe.dist;let C=Qe.uni;C!=null?
Ke&&je&&(Ke=x>=C,je=k>=C,!Ke&&!je&&(k>x?je=!0:Ke=!0)):Qe.x&&Qe.y&&(Ke||je)&&(Ke=je=!0);let E,V;Ke&&(_.ori==0?(E=el,V=ke):(E=tl,V=Ee),Cl(Wt(E,V),Be(V-E)),je||El(
0,y)),je&&(_.ori==1?(E=el,V=ke):(E=tl,V=Ee),El(Wt(E,V),Be(V-E)),Ke||Cl(0,g)),!Ke&&!je&&(Cl(0,0),El(0,0))}if(Qe._x=Ke,Qe._y=je,s==null){if(c){if(Ii!=null){let[x,
k]=He.scales;He.values[0]=x!=null?Gt(_.ori==0?ke:Ee,x):null,He.values[1]=k!=null?Gt(_.ori==1?ke:Ee,k):null}Vl(fs,l,ke,Ee,J,R,d)}if(Yn){let x=c&&He.setSeries,k=qt.
prox;Mn==null?Qt<=k&&Bt(un,ll,!0,x):Qt>k?Bt(null,ll,!0,x):un!=Mn&&Bt(un,ll,!0,x)}}xt&&(ee.idx=d,es()),a!==!1&&Ue("setCursor")}let cn=null;Object.defineProperty(
l,"rect",{get(){return cn==null&&Rl(!1),cn}});function Rl(s=!1){s?cn=null:(cn=T.getBoundingClientRect(),Ue("syncRect",cn))}function Ri(s,a,c,d,m,g,y){H._lock||rn&&
s!=null&&s.movementX==0&&s.movementY==0||(ts(s,a,c,d,m,g,y,!1,s!=null),s!=null?_n(null,!0,!0):_n(a,!0,!1))}function ts(s,a,c,d,m,g,y,x,k){if(cn==null&&Rl(!1),Tn(
s),s!=null)c=s.clientX-cn.left,d=s.clientY-cn.top;else{if(c<0||d<0){ke=-10,Ee=-10;return}let[C,E]=He.scales,V=a.cursor.sync,[j,ue]=V.values,[re,te]=V.scales,[G,
F]=He.match,Se=a.axes[0].side%2==1,De=_.ori==0?J:R,Ze=_.ori==1?J:R,he=Se?g:m,Ae=Se?m:g,dt=Se?d:c,lt=Se?c:d;if(re!=null?c=G(C,re)?r(j,M[C],De,0):-10:c=De*(dt/he),
te!=null?d=F(E,te)?r(ue,M[E],Ze,0):-10:d=Ze*(lt/Ae),_.ori==1){let Tt=c;c=d,d=Tt}}k&&(a==null||a.cursor.event.type==fs)&&((c<=1||c>=J-1)&&(c=Vn(c,J)),(d<=1||d>=R-
1)&&(d=Vn(d,R))),x?(Si=c,Mi=d,[el,tl]=H.move(l,c,d)):(ke=c,Ee=d)}let ns={width:0,height:0,left:0,top:0};function ls(){co(ns,!1)}let Vi,Di,Ai,Pi;function Hi(s,a,c,d,m,g,y){
rn=!0,Ke=je=Qe._x=Qe._y=!1,ts(s,a,c,d,m,g,y,!0,!1),s!=null&&(nt(ds,ws,Fi,!1),Vl($i,l,el,tl,J,R,null));let{left:x,top:k,width:C,height:E}=Te;Vi=x,Di=k,Ai=C,Pi=E}
function Fi(s,a,c,d,m,g,y){rn=Qe._x=Qe._y=!1,ts(s,a,c,d,m,g,y,!1,!0);let{left:x,top:k,width:C,height:E}=Te,V=C>0||E>0,j=Vi!=x||Di!=k||Ai!=C||Pi!=E;if(V&&j&&co(Te),
Qe.setScale&&V&&j){let ue=x,re=C,te=k,G=E;if(_.ori==1&&(ue=k,re=E,te=x,G=C),Ke&&an(A,Gt(ue,A),Gt(ue+re,A)),je)for(let F in M){let Se=M[F];F!=A&&Se.from==null&&Se.
min!=we&&an(F,Gt(te+G,F),Gt(te,F))}ls()}else H.lock&&(H._lock=!H._lock,_n(a,!0,s!=null));s!=null&&(qn(ds,ws),Vl(ds,l,ke,Ee,J,R,null))}function Ju(s,a,c,d,m,g,y){
if(H._lock)return;Tn(s);let x=rn;if(rn){let k=!0,C=!0,E=10,V,j;_.ori==0?(V=Ke,j=je):(V=je,j=Ke),V&&j&&(k=ke<=E||ke>=J-E,C=Ee<=E||Ee>=R-E),V&&k&&(ke=ke<el?0:J),j&&
C&&(Ee=Ee<tl?0:R),_n(null,!0,!0),rn=!1}ke=-10,Ee=-10,me.fill(null),_n(null,!0,!0),x&&(rn=x)}function Oi(s,a,c,d,m,g,y){H._lock||(Tn(s),Wo(),ls(),s!=null&&Vl(er,
l,ke,Ee,J,R,null))}function Ni(){z.forEach(Uf),No(l.width,l.height,!0)}Pn(wo,rl,Ni);let ol={};ol.mousedown=Hi,ol.mousemove=Ri,ol.mouseup=Fi,ol.dblclick=Oi,ol.setSeries=
(s,a,c,d)=>{let m=He.match[2];c=m(l,a,c),c!=-1&&Bt(c,d,!0,!1)},tt&&(nt($i,T,Hi),nt(fs,T,Ri),nt(Qi,T,s=>{Tn(s),Rl(!1)}),nt(Xi,T,Ju),nt(er,T,Oi),Ms.add(l),l.syncRect=
Rl);let fo=l.hooks=e.hooks||{};function Ue(s,a,c){Jo?Ll.push([s,a,c]):s in fo&&fo[s].forEach(d=>{d.call(null,l,a,c)})}(e.plugins||[]).forEach(s=>{for(let a in s.
hooks)fo[a]=(fo[a]||[]).concat(s.hooks[a])});let Wi=(s,a,c)=>c,He=Fe({key:null,setSeries:!1,filters:{pub:fr,sub:fr},scales:[A,S[1]?S[1].scale:null],match:[dr,dr,
Wi],values:[null,null]},H.sync);He.match.length==2&&He.match.push(Wi),H.sync=He;let Ii=He.key,os=aa(Ii);function Vl(s,a,c,d,m,g,y){He.filters.pub(s,a,c,d,m,g,y)&&
os.pub(s,a,c,d,m,g,y)}os.sub(l);function $u(s,a,c,d,m,g,y){He.filters.sub(s,a,c,d,m,g,y)&&ol[s](null,a,c,d,m,g,y)}l.pub=$u;function Qu(){os.unsub(l),Ms.delete(l),
bn.clear(),vs(wo,rl,Ni),p.remove(),de?.remove(),Ue("destroy")}l.destroy=Qu;function ss(){Ue("init",e,t),gi(t||e.data,!1),W[A]?$o(A,W[A]):Wo(),oo=Te.show&&(Te.width>
0||Te.height>0),kn=xt=!0,No(e.width,e.height)}return S.forEach(mi),z.forEach(Ru),n?n instanceof HTMLElement?(n.appendChild(p),ss()):n(l,ss):ss(),l}Ve.assign=Fe;
Ve.fmtNum=Ds;Ve.rangeNum=bo;Ve.rangeLog=xo;Ve.rangeAsinh=Rs;Ve.orient=Fn;Ve.pxRatio=fe;Ve.join=Nc;Ve.fmtDate=Ps,Ve.tzDate=Zc;Ve.sync=aa;{Ve.addGap=Df,Ve.clipGaps=
So;let e=Ve.paths={points:ma};e.linear=ga,e.stepped=Hf,e.bars=Ff,e.spline=Nf}var On=24,zs=new Map,ql=null,Bl=null;function qs(){zs=new Map,ql=null,Bl=null}function Oe(e){let t=zs.get(e);return t===void 0&&(t=getComputedStyle(document.documentElement).
getPropertyValue("--"+e).trim(),zs.set(e,t)),t}function Zf(e,t,n){let l=(o,i)=>parseInt(o.slice(1+i*2,3+i*2),16);return"rgb("+[0,1,2].map(o=>Math.round(l(e,o)+(l(
t,o)-l(e,o))*n)).join(",")+")"}function Bs(){if(ql)return ql;let e=Oe("heat").split(/\s+/);return ql=Array.from({length:On},(t,n)=>{let l=n/(On-1)*(e.length-1),
o=Math.min(e.length-2,Math.floor(l));return Zf(e[o],e[o+1],l-o)}),ql}function Gl(e){let t=e.getContext("2d");if(!t)throw new Error("this browser cannot draw on \
a canvas");return t}function va(e){if(Bl)return Bl;let t=Math.round(8*Ve.pxRatio),n=v("canvas",{width:t,height:t}),l=Gl(n);l.strokeStyle=Oe("hatch"),l.lineWidth=
Ve.pxRatio;for(let o of[-t,0,t])l.beginPath(),l.moveTo(o,t),l.lineTo(o+t,0),l.stroke();return Bl=e.createPattern(n,"repeat"),Bl??Oe("hatch")}function Yl(e){let{definition:t}=e;return t.alwaysLogarithmic||(e.logarithmic??!!t.log?.(e.facts,e.model))}var Jf=e=>e.map(t=>ce(t)?t:null);function Kl(e){let t=e.
definition.x(e.facts,e.model);if(!e.definition.stacked)return[t,...e.lines.map(o=>Jf(o.values))];let n=new Array(t.length).fill(null),l=[];for(let o of[...e.lines].
reverse()){for(let i=0;i<t.length;i+=1){let u=e.hidden.has(o.key)?null:o.values[i];ce(u)&&(n[i]=(n[i]??0)+u)}l.unshift(n.slice())}return[t,...l]}var jl={from:null,to:0},hl=[];function Co(e){return jl.from===null?[0,Math.max(e.facts.end,1)]:[jl.from,jl.to]}function Ul(e,t=0){jl.from=e,jl.to=t;for(let n of hl){
n.reset.hidden=e===null;let[l,o]=Co(n);n.uplot?.setScale("x",{min:l,max:o})}}function xa(e,t){let[n,l]=Co(e),o=e.uplot?.cursor.idx,i=ce(o)?e.facts.middle[o]:(n+
l)/2,u=(l-n)*t/2,r=Math.max(e.facts.end,1);if(u*2>=r)return Ul(null);if(u*2<e.facts.step*2)return;let f=Math.min(Math.max(0,i-u),r-u*2);Ul(f,f+u*2)}function Zl(e){
if(e.definition.overTime)return Ul(null);e.reset.hidden=!0,e.zoomed=null,e.uplot?.setData(e.uplot.data)}var Gs=200;function ka(e){if(e.legend.replaceChildren(),e.outputs=[],e.when=v("span",{class:"when"}),e.definition.legend){e.definition.legend(e);return}let{stacked:t}=e.
definition;for(let n of e.lines){let l=v("output"),o=v("span",{class:"swatch"+(t?" area":n.dash?n.dash[0]>3?" dash":" dot":""),"aria-hidden":"true"});o.style[t?
"background":"borderTopColor"]="var(--"+n.colour+")",e.outputs.push(l);let i=v("button",{type:"button","aria-pressed":String(!e.hidden.has(n.key)),title:"Show o\
r hide"},o,v("span",{},n.label),l);e.legend.append(fn(i,{click:()=>$f(e,n.key,i)}))}e.legend.append(e.when)}function $f(e,t,n){e.hidden.has(t)?e.hidden.delete(t):
e.hidden.add(t),n.setAttribute("aria-pressed",String(!e.hidden.has(t))),e.definition.stacked?e.uplot?.setData(Kl(e)):e.uplot?.setSeries(e.lines.findIndex(l=>l.key===
t)+1,{show:!e.hidden.has(t)})}function Ta(e){let t=e.uplot?.cursor;return t&&ce(t.left)&&t.left>=0&&ce(t.idx)?t.idx:null}function Jl(e){let t=Ta(e);Y(e.when,t===
null?"":"at "+e.definition.place(e,t)),e.definition.readCursor?.(e,t);for(let[n,l]of e.outputs.entries())Y(l,t===null?"":e.definition.format(e.lines[n].values[t]))}
function Sa(e){if(!e.byKey)return;e.byKey=!1;let t=e.definition.overTime?hl:[e];for(let n of t)n.uplot?.setCursor({left:-10,top:-10})}function Ma(e,t){if(!e.uplot||
t.ctrlKey||t.metaKey||t.altKey)return;let n=e.uplot.data[0],{min:l=-1/0,max:o=1/0}=e.uplot.scales.x,i=n.findIndex(w=>w>=l),u=n.length-1;for(;u>0&&n[u]>o;)u-=1;i<
0&&(i=0);let r=Ta(e),f=t.shiftKey?10:1,p={ArrowRight:r===null?i:r+f,ArrowLeft:r===null?u:r-f,Home:i,End:u};t.key in p?(t.preventDefault(),Qf(e,Math.min(u,Math.max(
i,p[t.key])))):e.definition.overTime&&(t.key==="+"||t.key==="-")?(t.preventDefault(),xa(e,t.key==="+"?.5:2)):(t.key==="0"||t.key==="Escape")&&Zl(e)}function Qf(e,t){
let n=e.uplot?.data[0][t]??0;for(let o of e.definition.overTime?hl:[e]){if(!o.uplot||o.figure.hidden)continue;let i=o.uplot.setCursor;i({left:o.uplot.valToPos(n,
"x"),top:o.uplot.over.clientHeight/2},!0,!1),Jl(o)}e.byKey=!0;let l=e.definition.speak?e.definition.speak(e,t):e.lines.map(o=>o.label+" "+e.definition.format(o.
values[t])).join(", ");jt("At "+e.definition.place(e,t)+": "+l)}function Ys(e){if(!e.details.open||!e.lines.length)return;let{columns:t,rows:n,note:l}=e.definition.
rows(e.facts,e.model,e.lines),o=Cn(e.definition.heading,t,n),i=e.tableHost.querySelector(".scroll"),u=i?[i.scrollLeft,i.scrollTop]:[0,0],r=i&&i===document.activeElement,
f=Xt(e.definition.heading+" as a table",o,"tall fit");e.tableHost.replaceChildren(...l?[v("p",{class:"muted"},l)]:[],f),[f.scrollLeft,f.scrollTop]=u,r&&f.focus(
{preventScroll:!0})}function gl(e,t,n,l){let o=Math.max(1,Math.ceil(e.at.length/Gs)),i=[];for(let f=0;f<e.at.length;f+=o){let p=t.map(({values:w})=>{let h=rs(w.
slice(f,f+o));return h.length?n==="rate"?mn(h)/h.length:ze(h):null});i.push([Pt(e.at[f],e.end),...p.map(l)])}let u=ht(o*e.step),r=o*e.step>1?"Each row is "+u+(n===
"rate"?": the mean rate of that time.":": the highest value of that time."):null;return{columns:["from",...t.map(({label:f})=>f)],rows:i,note:r}}function wl(e,t){
return e.map(({label:n,values:l})=>{let[o,i]=[en(l),ze(l)];return o===null?n+" not known":o===i?n+" "+t(o):n+" "+t(o)+" to "+t(i)}).join("; ")+"."}function Xf(e,t){
let{at:n,step:l,end:o}=e.facts;return Pt(n[t],o)+(l>1?" to "+Pt(n[t]+l,o):"")}var wn={overTime:!0,x:e=>e.middle,labelX:"time since the start",place:Xf};function _a(e){let t=[];for(let n of[...e.model.missing].sort((l,o)=>l.from_s-o.from_s)){let l=t[t.length-1];l&&n.from_s<=l.to_s?l.to_s=Math.max(l.to_s,n.to_s):
t.push({from_s:n.from_s,to_s:n.to_s})}return t}function Ks(e,{from_s:t,to_s:n}){let{left:l,width:o}=e.bbox,i=Math.max(l,e.valToPos(t,"x",!0)),u=Math.min(l+o,e.valToPos(
n,"x",!0));return u>i?{begin:i,width:u-i}:null}function La(e,t){let{ctx:n,bbox:l}=e,o=(i,u)=>{let r=Ks(e,i);if(r)for(let f of u)n.fillStyle=f(),n.fillRect(r.begin,
l.top,r.width,l.height)};n.save();for(let i of t.model.phases)i.measured||o(i,[()=>Oe("shade")]);for(let i of _a(t))o(i,[()=>Oe("hatch-ground"),()=>va(n)]);n.restore()}
function Ca(e,t){let{ctx:n,bbox:l}=e,o=Ve.pxRatio;n.save(),n.font=11*o+"px system-ui, sans-serif",n.textBaseline="middle",n.textAlign="left",t.definition.strip&&
ed(e,t,n,o);for(let i of _a(t)){let u=Ks(e,i),r=u&&Ea(n,["a worker’s part is missing","part missing","missing"],u.width-10*o);r&&(n.fillStyle=Oe("panel"),n.fillRect(
u.begin+3*o,l.top+3*o,n.measureText(r).width+8*o,16*o),n.fillStyle=Oe("warn"),n.fillText(r,u.begin+7*o,l.top+11.5*o))}n.restore()}function ed(e,t,n,l){for(let o of t.
model.phases){let i=Ks(e,o);if(!i)continue;let u=e.bbox.top-17*l;n.fillStyle=Oe(o.measured?"busy-ground":"shade"),n.fillRect(i.begin+l/2,u,Math.max(l,i.width-l),
15*l);let r=o.text.split(" ")[0],f=o.measured?[o.text,r]:[o.text+", not measured",r+", not measured","not measured",r],p=Ea(n,f.map(Ft),i.width-8*l);n.fillStyle=
Oe(o.measured?"busy":"muted"),p&&n.fillText(p,i.begin+4*l,u+8*l)}}function Ea(e,t,n){return t.find(l=>e.measureText(l).width<=n)??null}var _e={ready:!1,charts:{},model:null,past:[],format:{count:ve,time:ne,rate:Xe,duration:ht}};window.vajraPage=_e;var Eo=document.body.dataset.live==="1";var Ro=230,Ra="12px system-ui, sans-serif",$l=new Map;function Nn(e,t,n,l){let o=$l.get(t.key);if(!o){if(!t.draw(n,l))return!1;o=td(e,t,n,l),$l.set(t.key,o)}return ld(
o,n,l)}function td(e,t,n,l){let o=v("div"),i=v("div",{class:"plot",role:"img",tabindex:"0"}),u=v("details",{class:"data"},v("summary",{},"As a table"),o),r=v("d\
iv"),f=v("div",{class:"legend",role:"group","aria-label":"Series of this chart"}),p=dn("Reset zoom",()=>{Zl(b),i.focus()},{hidden:!0}),w=t.log?dn("",()=>nd(b)):
null,h=v("figure",{class:"chart",id:"chart-"+t.key},v("figcaption",{class:"chart-head"},v("h3",{},t.heading),v("span",{class:"muted"},t.hint)),v("div",{class:"c\
hart-head"},f,v("div",{class:"tools"},w,p)),i,r,u),b={definition:t,figure:h,legend:f,plot:i,below:r,tableHost:o,details:u,reset:p,scale:w,facts:n,model:l,when:v(
"span",{class:"when"}),outputs:[],hidden:new Set,met:new Set,uplot:null,lines:[],shape:"",logarithmic:null,zoomed:null,byKey:!1};return fn(i,{keydown:L=>Ma(b,L),
blur:()=>Sa(b)}),fn(u,{toggle:()=>Ys(b)}),e.append(h),new ResizeObserver(()=>pd(b)).observe(i),t.overTime&&hl.push(b),b}function nd(e){e.logarithmic=!Yl(e),Aa(e)}
var Da=e=>JSON.stringify([e.lines.map(t=>t.key),Yl(e)]);function ld(e,t,n){let{definition:l}=e,o=l.draw(t,n);if(e.figure.hidden=o===null,!o)return!1;e.facts=t,e.
model=n,e.lines=o;for(let i of o)i.optional&&!e.met.has(i.key)&&e.hidden.add(i.key),e.met.add(i.key);return!e.uplot||e.shape!==Da(e)?Aa(e):(e.uplot.setData(Kl(e)),
Jl(e)),e.plot.setAttribute("aria-label",l.describe(t,n)+" Arrow keys read the values."),l.below?.(e),e.details.open&&Ys(e),!0}function Aa(e){e.shape=Da(e),e.uplot?.
destroy(),e.scale&&Y(e.scale,Yl(e)?"Linear scale":"Logarithmic scale"),ka(e);let t=new Ve(od(e),Kl(e),e.plot);e.uplot=t,_e.charts[e.definition.key]=t;for(let[n,
l]of e.lines.entries())e.hidden.has(l.key)&&!e.definition.stacked&&t.setSeries(n+1,{show:!1});Jl(e)}function od(e){let{definition:t}=e,n=Yl(e),l=e.plot.clientWidth<
480,o={stroke:()=>Oe("muted"),font:Ra,labelFont:Ra,grid:{stroke:()=>Oe("grid"),width:1},ticks:{stroke:()=>Oe("grid"),width:1,size:5}},i=(r,f)=>t.overTime?Co(e):
t.rangeX?.(e,r,f)??[r,f],u=(r,f)=>t.rangeY?.(e)??ud(r,f*(ad(e)?1.2:1),n);return{width:e.plot.clientWidth||600,height:t.height??Ro,padding:[t.strip?20:10,26,0,0],
legend:{show:!1},scales:{x:{time:!1,range:(r,f,p)=>i(f,p)},y:{auto:!0,distr:n?3:1,log:10,range:(r,f,p)=>u(f,p)}},axes:[{...o,label:typeof t.labelX=="string"?t.labelX:
t.labelX(e.model),labelSize:18,size:30,gap:3,space:l?58:70,...t.overTime?dd(e):t.axisX?.(e)},{...o,label:t.labelY,labelSize:18,size:l?55:60,gap:4,space:28,values:(r,f)=>f.
map(t.tick),...n?{splits:(r,f,p,w)=>fd(p,w),filter:(r,f)=>f}:{}}],series:[{},...e.lines.map((r,f)=>id(e,r,f))],cursor:sd(e),hooks:{drawClear:t.overTime?[r=>La(r,
e)]:[],drawAxes:t.paint?[r=>t.paint?.(r,e)]:[],draw:t.overTime?[r=>Ca(r,e)]:[],setCursor:[()=>Jl(e)],setSelect:[r=>md(r,e)],ready:[hd]}}}function sd(e){let{definition:t}=e;
return{y:!!t.cursorY,points:{show:!t.stacked&&!t.cursorY,size:7},drag:{x:!0,y:!1,setScale:!1},bind:{dblclick:()=>()=>(Zl(e),null)},...t.overTime&&{sync:{key:"ti\
me",setSeries:!1,scales:["x",null],filters:{pub:n=>n==="mousemove"||n==="mouseleave"}}}}}function id(e,t,n){let{definition:l}=e,o=()=>Oe(t.colour),i=l.points||e.
facts.at.length<=45&&l.overTime,u={label:t.label,stroke:o,width:t.width??1.6,dash:t.dash,spanGaps:!1};return l.stacked?{...u,fill:o,width:0,points:{show:!1},paths:Ve.
paths.bars?.({size:[.92,40],align:0})}:t.invisible?{...u,show:!0,paths:()=>null,points:{show:!1}}:{...u,points:{show:i&&!t.dash,size:4,fill:o,stroke:o,width:0,filter:i&&
!t.dash?void 0:(r,f,p,w)=>rd(e.lines[n].values,w)}}}function rd(e,t){if(e.length>1&&(!t||!t.length))return null;let n=[];for(let l=0;l<e.length;l+=1)ce(e[l])&&!ce(
e[l-1])&&!ce(e[l+1])&&n.push(l);return n.length?n:null}var ad=e=>!!e.definition.overTime&&e.model.missing.length>0;function ud(e,t,n){return n?e>0?[Va(e),Math.max(
cd(t),Va(e)*10)]:[.1,10]:[0,t>0?t*1.08:1]}function Va(e){let t=10**Math.floor(Math.log10(e)+1e-9);return[5,2].map(n=>n*t).find(n=>n<=e*1.000001)??t}function cd(e){
let t=10**Math.floor(Math.log10(e)+1e-9);return[1,2,5].map(n=>n*t).find(n=>n>=e*.999999)??t*10}function fd(e,t){let l=Math.log10(t/e)<=3.4?[1,2,5]:[1],o=[];for(let i=Math.
floor(Math.log10(e));i<=Math.ceil(Math.log10(t));i+=1)for(let u of l){let r=u*10**i;r>=e*.999&&r<=t*1.001&&o.push(r)}return o}function dd(e){return{incrs:[1,2,5,
10,15,20,30,60,120,300,600,900,1800,3600,7200],values:(t,n)=>n.map(l=>Pt(l,e.facts.end))}}function pd(e){let t=e.plot.clientWidth;!e.uplot||!t||t===e.uplot.width||
e.uplot.setSize({width:t,height:e.definition.height??Ro})}function md(e,t){if(e.select.width<5)return;let n=e.posToVal(e.select.left,"x"),l=e.posToVal(e.select.
left+e.select.width,"x");e.setSelect({left:0,top:0,width:0,height:0},!1),t.definition.overTime?l-n>=t.facts.step&&Ul(Math.max(0,n),l):(t.zoomed=[n,l],t.reset.hidden=
!1,e.setScale("x",{min:n,max:l}))}function hd(e){e.over.addEventListener("pointermove",t=>{if(t.pointerType!=="touch")return;let n=e.over.getBoundingClientRect();
e.setCursor({left:t.clientX-n.left,top:t.clientY-n.top})})}var js="all",bl="request ",yl="failure ",Ct={made:js},gd={p50:[],p90:[],p99:[],p99_9:[],max:[],heat:[]};function Pa(e){let t=Pl(e.seconds,e.heat),n=e.choices.find(
i=>bl+i.name===Ct.made),l=e.requests.find(i=>bl+i.name===Ct.made);if(n&&l){let i=ve(l.failed)+" failed",u=Pl(n.seconds,n.heat);return{facts:u,failed:u,waits:as(
n.waits,u),model:{...e,distribution:n.distribution,total:l,errors:i,against:null}}}let o=Ct.made.startsWith(yl)?Ct.made.slice(yl.length):null;return o&&t.kinds.
includes(o)?wd(e,t,o):{facts:t,failed:t,waits:as(e.waits,t),model:e}}function wd(e,t,n){let l={...t,kinds:[n],...gd,users:null,inFlight:[],connections:[],failuresOnly:!0},
o=e.total.failures[n]??0,i=ve(o)+" "+Ft(n),u=e.kinds.find(f=>f.name===n);return{facts:u?{...Pl(u.seconds,u.heat),end:t.end,failuresOnly:!0}:l,failed:l,waits:l,model:{
...e,distribution:u?.distribution??bd(e),errors:i,against:null}}}function bd(e){return e.distribution.filter(n=>n.name==="latency of failed").map(n=>({...n,name:"\
latency of all failed",shown:!0}))}function yd(e){return Ct.made===js?[]:e.failures.filter(({kind:t,request:n})=>[yl+t,bl+n].includes(Ct.made))}function vd({count:e,
reason:t,request:n,origin:l,first:o}){let i=n+(l?" at "+l:""),u=o.length?"; first arrivals "+o.join(", "):"";return ve(e)+" × "+t+": "+i+u}function Ha(e,t){let n=Pl(
e.seconds,e.heat).kinds,l=N("choice");l.hidden=!e.seconds.at.length||e.choices.length+n.length===0;let o=e.choices.map(r=>r.name),i=()=>{let r=(w,h)=>v("option",
{value:w,selected:w===Ct.made},h),f=(w,h)=>h.length?v("optgroup",{label:w},...h):null,p=v("select",{id:"choice-select"},r(js,"all requests"),f("requests of one \
name",o.map(w=>r(bl+w,w))),f("failures of one kind",n.map(w=>r(yl+w,Ft(w)))));return fn(p,{change:()=>{Ct.made=p.value,t()}})};ge(I(l,"select","span"),[o,n],()=>[
v("label",{for:"choice-select"},"Charts show "),i()]);let u=yd(e);ge(I(l,"reasons"),u,()=>[Mt(u.map(vd))]),Y(I(l,"note","p",{class:"muted"}),xd(e))}function xd(e){
return Ct.made.startsWith(yl)?e.kinds.some(n=>yl+n.name===Ct.made)?"Latency is that of measured requests, in at most 64 intervals of the run.":"The results of t\
his run do not contain latency by kind of failure: the distribution contains all failed requests.":Ct.made.startsWith(bl)?e.choices.find(n=>bl+n.name===Ct.made)?.
seconds.at.length?"For one name, the charts over time contain only measured requests, without planned and dropped arrivals.":"The snapshots of this run do not c\
ontain requests by name over time.":""}var Us={passed:"✓",crossed:"✗",incomplete:"!",unjudged:"–",running:"…"},Vo=e=>e.charAt(0).toUpperCase()+e.slice(1);function Zs(e,t,n=!1){let l=e in Us;return v(
"span",{class:"badge"+(n?" small":"")+" "+(l?e:"running")},v("span",{"aria-hidden":"true"},l?Us[e]:"·"),Vo(t))}var Js=e=>e.live!==null&&e.live.state!=="ended",
$s=e=>e.started!==null;function Fa(e){Y(N("scenario"),e.scenario||"Load test"),Y(N("run-line"),e.heading),Eo&&(document.title=Vo(e.verdict_word)+": "+e.scenario)}
function Oa(e){let t=N("verdict-body");ge(I(t,"line"),[e.verdict,e.summary],()=>[v("div",{class:"verdict-line"},Zs(e.verdict,e.verdict_word),v("p",{},e.summary))]),
ge(I(t,"reasons"),e.reasons,()=>[Mt(e.reasons)]),ge(I(t,"limited"),e.limited,()=>kd(e));let n=I(t,"figures","dl",{class:"figures"});n.hidden=!e.figures.length,Qs(
n,e.figures),Y(I(t,"percentiles","p",{class:"text"}),e.percentiles_of??""),Y(I(t,"balance","p",{class:"text balance-line"}),e.balance_words.line),Td(I(t,"thresh\
olds"),e.thresholds,Js(e)?"Thresholds so far":"Thresholds"),ge(I(t,"notes"),e.notes,()=>e.notes.length?[v("h3",{},"Notes"),Mt(e.notes)]:[])}function kd({limited:e}){
if(!e)return[];let t=v("p",{},v("strong",{},e.title)," "+e.text);return[v("div",{class:"alert"},t,Mt(e.signs))]}function Qs(e,t){for(;e.children.length>t.length;)
e.lastChild?.remove();t.forEach((n,l)=>{let o=e.children[l]??e.appendChild(v("div",{},v("dt"),v("dd",{class:"value"}),v("dd",{class:"more"})));o.className!==n.tone&&
(o.className=n.tone),Y(o.children[0],n.label),Y(o.children[1],n.value),Y(o.children[2],n.more)})}function Td(e,t,n){if(!t.length)return ge(e,"none",()=>[v("p",{
class:"muted"},"The scenario has no thresholds.")]);let l=t.map(o=>[o.threshold,Sd(o.word),o.word==="not met"?v("span",{class:"bad"},o.measured):o.measured,o.limit]);
return ge(e,[n,t],()=>[v("h3",{},n),Xt("Thresholds",Cn("Thresholds",["threshold","result","measured","limit"],l,2),"fit")])}function Sd(e){let n={met:"passed","\
not met":"crossed"}[e],l=v("span",{"aria-hidden":"true"},n?Us[n]:"…");return v("span",{class:"badge small "+(n??"unjudged")},l,e)}var Wa=new WeakMap;function Ia(e){let[t,n,l,o]=[0,1/0,0,0];for(let{series:u}of e)if(u){t=Math.max(t,ze(u.rate)??0),o=Math.max(o,u.from_s+u.rate.length*u.step_s);
for(let r of u.p99)ce(r)&&r>0&&(n=Math.min(n,r),l=Math.max(l,r))}let i=l/n>20;return{rate:t||1,low:i?n:0,high:l,logarithmic:i,end:o||1}}function za(e,t,n){Wa.set(
e,{series:t,scale:n})}function vl(e){let t=Wa.get(e),n=window.devicePixelRatio||1,[l,o]=[e.clientWidth,e.clientHeight];if(!l||!t)return;let{series:i,scale:u}=t;
e.width=Math.round(l*n),e.height=Math.round(o*n);let r=Gl(e);r.scale(n,n);let f=Math.round(o/2),p=T=>(i.from_s+(T+.5)*i.step_s)/u.end*l,w=T=>f-3-T/u.rate*(f-6),
h=T=>u.logarithmic?Math.log(T/u.low)/Math.log(u.high/u.low):T/u.high,b=T=>o-5-h(T)*(o-f-8);r.strokeStyle=Oe("grid"),r.strokeRect(.5,f-2.5,l,0),r.strokeRect(.5,o-
4.5,l,0),Na(r,i.rate,p,w,Oe("completed"));let L=i.p99.map(T=>ce(T)&&T>0?T:null);Na(r,L,p,b,Oe("p99")),r.fillStyle=Oe("light-bad"),i.failed.forEach((T,D)=>{T>0&&
r.fillRect(p(D)-1,o-3,2,3)})}function Na(e,t,n,l,o){e.strokeStyle=e.fillStyle=o,e.lineWidth=1.4,e.beginPath();let i=!1;t.forEach((u,r)=>{if(!ce(u)){i=!1;return}
let[f,p]=[n(r),l(u)];i?e.lineTo(f,p):e.moveTo(f,p),!i&&!ce(t[r+1])&&e.rect(f-.5,p-.5,1,1),i=!0}),e.stroke()}var qa=new WeakMap,Zt=class{node;body=v("tbody");head=v("thead");foot=v("tfoot");order={key:"",direction:1};columns=[];rows=[];extra={};signature="";constructor(t,n,l=""){
let o=v("table",{},v("caption",{},n),this.head,this.body,this.foot);this.node=Xt(n,o,l),t.append(this.node)}update(t,n,l={}){let o=t.map(r=>r.key).join(`
`);[this.columns,this.rows,this.extra]=[t,n,l],o!==this.signature&&this.drawHead(o);let i=this.sorted().slice(0,l.limit??n.length),u=Math.max(...i.map(r=>t[0].text(
r).length),4);for(this.node.style.setProperty("--name",Math.min(40,u)+2+"ch");this.body.rows.length>i.length;)this.body.deleteRow(-1);i.forEach((r,f)=>Ba(this.body.
rows[f]??this.body.appendChild(v("tr")),t,r,l.mark?.(r)??!1)),l.total?Ba(this.foot.rows[0]??this.foot.appendChild(v("tr")),t,l.total,!1):this.foot.replaceChildren()}drawHead(t){
let n=document.activeElement,l=n instanceof HTMLElement&&this.head.contains(n)?n.dataset.key:null;this.signature=t,this.body.replaceChildren(),this.foot.replaceChildren();
let o=i=>v("th",{scope:"col",class:"sortable"+(i.number?" number":"")+(i.minor?" minor":""),title:i.title,"data-label":i.label},dn(i.label,()=>this.sortBy(i),{"\
data-key":i.key}));this.head.replaceChildren(v("tr",{},...this.columns.map(o))),this.showOrder();for(let i of this.head.querySelectorAll("button"))l&&i.dataset.
key===l&&i.focus({preventScroll:!0})}sortBy(t){let n=this.order.key===t.key?-this.order.direction:t.number?-1:1;this.order={key:t.key,direction:n},this.showOrder(),
this.update(this.columns,this.rows,this.extra),jt("Sorted by "+t.label+", "+(n>0?"ascending":"descending")+".")}showOrder(){for(let[t,n]of[...this.head.rows[0].
cells].entries())this.columns[t].key===this.order.key?n.setAttribute("aria-sort",this.order.direction>0?"ascending":"descending"):n.removeAttribute("aria-sort")}sorted(){
let t=this.columns.find(o=>o.key===this.order.key);if(!t)return this.rows;let n=t.value??t.text,{direction:l}=this.order;return[...this.rows].sort((o,i)=>{let[u,
r]=[n(o),n(i)],[f,p]=[u==null,r==null];return f||p?Number(f)-Number(p):typeof u=="number"&&typeof r=="number"?l*(u-r):l*String(u).localeCompare(String(r),"en",{
numeric:!0})})}};function Ba(e,t,n,l){e.className=l?"odd":"",t.forEach((o,i)=>{let u=e.cells[i]??e.appendChild(v(i?"td":"th",i?{}:{scope:"row"})),f=[o.number&&"\
number",o.wide&&"wide",o.minor&&"minor",o.tone?.(n)].filter(Boolean).join(" ");u.className!==f&&(u.className=f);let p=o.text(n);if(!o.node)return Y(u,p);qa.get(
u)!==p&&(qa.set(u,p),u.replaceChildren(o.node(n)))})}function Je(e,t,n,l={}){return{key:e,label:t,number:!0,value:n,text:o=>ve(n(o)),...l}}function Ne(e,t,n,l={}){
return{key:e,label:t,number:!0,value:n,text:o=>ne(n(o)),...l}}var Xs=200,Do=60,Ao={green:"good",yellow:"watch",red:"bad",none:"waiting"},Ya=e=>[...e].sort((t,n)=>+!t.odd-+!n.odd);function Ka(e){let t=N("workers"),n=N("work\
ers-body");t.hidden=!e.workers.length,!t.hidden&&(Y(I(n,"summary","p",{class:"text"}),e.workers_in_words),ja(I(n,"grid"),e),Ua(I(n,"table"),e))}function ni(e){return v(
"span",{class:"light "+e,"aria-hidden":"true"})}var Wn={all:!1,model:null};function ja(e,t){let n=t.workers.filter(p=>p.series);if(e.hidden=!n.length,e.hidden)return;
I(e,"title","h3").textContent="Each worker";let l=Ia(n);Wn.model=t;let o=l.high?Ht(l.low)+" to "+ne(l.high)+(l.logarithmic?", logarithmic":""):"not known";Y(I(e,
"scale","p",{class:"muted text"}),"Above: rate sent, 0 to "+Xe(l.rate)+". Below: p99, "+o+". All charts have the same scale; a mark at the bottom is an interval\
 with failures.");let i=I(e,"list","ul",{class:"worker-grid"}),u=n.length>Do?Ya(n):n;Md(i,Wn.all?u:u.slice(0,Do),l);let r=I(e,"more"),f=()=>{Wn.all=!0,Wn.model&&
ja(e,Wn.model),i.querySelectorAll("li")[Do]?.scrollIntoView({block:"nearest"}),jt("All workers are shown.")};ge(r,[Wn.all,n.length],()=>n.length>Do&&!Wn.all?[dn(
"Draw all "+ve(n.length),f)]:[])}var ti=new WeakSet,Ga=new IntersectionObserver(e=>{for(let{target:t,isIntersecting:n}of e)n?(ti.add(t),vl(t)):ti.delete(t)},{rootMargin:"\
200px"});function Md(e,t,n){for(;e.lastElementChild&&e.children.length>t.length;){let l=e.lastElementChild.querySelector("canvas");l&&Ga.unobserve(l),e.lastElementChild.
remove()}t.forEach((l,o)=>{let i=o>=e.children.length,u=i?_d():e.children[o],[r,f,p,w]=u.children;u.className!==(l.odd?"odd":"")&&(u.className=l.odd?"odd":""),Y(
r.children[0],l.name),Y(r.children[1],l.odd?"▲ outlier":""),Y(p,l.facts),Y(w,l.odd),l.series&&za(f,l.series,n),ti.has(f)&&vl(f),i&&(e.append(u),Ga.observe(f))})}
function _d(){return v("li",{},v("div",{class:"name"},v("span"),v("span",{class:"odd-word"})),v("canvas",{"aria-hidden":"true"}),v("p",{class:"facts"}),v("p",{class:"\
facts odd-why"}))}var ei=e=>[e.why,e.odd!==e.why?e.odd:null].filter(Boolean).join("; ");function Ld(e){let{workers:t}=e,n=Js(e),l=(r,f,p)=>f&&t.some(w=>w[r]!==null)?
[p]:[],o={red:0,yellow:1,green:2,none:3},i=r=>r?"bad":null,u=r=>({key:r,label:"rate",number:!0,value:f=>f[r],text:f=>Xe(f[r])});return[{key:"shard",label:"worke\
r",value:r=>r.shard+r.slice/1e3,text:r=>r.name.replace("worker ","")},{key:"light",label:"light",value:r=>o[r.light],text:r=>Ao[r.light],node:r=>v("span",{class:"\
light-word"},ni(r.light),v("span",{},Ao[r.light]))},{key:"state",label:"state",text:r=>r.state},{key:"remark",label:"remark",value:r=>ei(r)||null,text:ei,wide:t.
some(ei)},...l("region",!0,{key:"region",label:"region",text:r=>r.region??"–"}),{key:"worker",label:"claimed by",text:r=>r.worker??"–"},...l("last_seen_s",n,
{key:"last_seen_s",label:"last snapshot",number:!0,value:r=>r.last_seen_s,text:r=>ce(r.last_seen_s)?ht(r.last_seen_s)+" ago":"–"}),...l("rate_sent",n,u("rate_\
sent")),...l("owed",!0,Je("owed","planned",r=>r.owed)),...l("rate_per_s",!n,u("rate_per_s")),Je("sent","sent",r=>r.sent),Je("completed","completed",r=>r.completed),
Je("failed","failed",r=>r.failed,{tone:r=>i(r.failed)}),Je("dropped","dropped",r=>r.dropped,{tone:r=>i(r.dropped)}),Je("missing","missing",r=>r.missing,{tone:r=>i(
r.missing)}),Ne("p50","p50",r=>r.p50),Ne("p99","p99",r=>r.p99),Ne("max","max",r=>r.max),Ne("lag_p99","lag p99",r=>r.lag_p99),...l("start_skew",!0,Ne("start_skew",
"started late by",r=>r.start_skew)),...l("clock_offset",!0,Ne("clock_offset","clock off by",r=>r.clock_offset)),...l("busy_percent",!0,{key:"busy",label:"busy",
number:!0,value:r=>r.busy_percent,text:r=>r.busy_percent===null?"–":r.busy_percent+"%"})]}var xl={all:!1,model:null,table:null};function Ua(e,t){xl.model=t;let{
workers:n}=t,l=n.length>Xs,o=l&&!xl.all,i=xl.table??=new Zt(e,"Table of workers","tall");i.update(Ld(t),l?Ya(n):n,{limit:o?Xs:void 0,mark:r=>!!r.odd});let u=()=>{
xl.all=!0,xl.model&&Ua(e,xl.model),i.node.focus({preventScroll:!0})};ge(I(e,"more","div",{class:"after-table"}),[o,n.length],()=>o?[v("span",{class:"muted"},Xs+
" of "+ve(n.length)+" are shown, outliers first. "),dn("Show all "+ve(n.length),u)]:[])}var li=100,Ql=()=>document.querySelector('meta[name="vajra-token"]')?.content??"";function Za(e){let{live:t}=e;if(N("live").hidden=!t,!t)return;let n=N("live-bo\
dy");Cd(I(n,"state"),t,e.verdict);let l=t.state==="ended",o=N("stop-button");o.hidden=l||!Ql(),o.disabled=t.state==="stopping",Y(o,t.state==="stopping"?"Stoppin\
g…":"Stop the run");let[i,u,r]=[I(n,"figures","dl",{class:"figures wide"}),I(n,"errors","p",{class:"text"}),I(n,"lights")];if(i.hidden=u.hidden=r.hidden=l,l)return Ed(
I(n,"farewell","p",{class:"text farewell"}),t);Qs(i,t.figures),Y(u,t.errors),Rd(r,t,e.workers)}function Cd(e,t,n){let l=I(e,"line","div",{class:"live-state"});ge(
I(l,"word"),t.words,()=>[v("span",{class:"badge small "+(t.state==="ended"?n:"running")},t.words)]),Y(I(l,"time","span"),t.clock),I(e,"bar","progress",{max:"1",
"aria-label":"Time of the run"}).value=t.progress}function Ed(e,t){ge(e,[t.stays,t.again],()=>[t.stays?"This page is served until its command is interrupted (Ct\
rl-C).":"This page is no longer served: it remains in this window, but cannot be reloaded, and cannot open past runs.",t.again?" This command writes the page to\
 a file: ":null,t.again?v("code",{},t.again):null])}function Rd(e,t,n){I(e,"title","h3").textContent="Workers now",ge(I(e,"counts","p",{class:"light-counts"}),t.
lights,()=>t.lights.map(([u,r])=>v("span",{class:"light-word"},v("span",{class:"light "+u,"aria-hidden":"true"}),r)));let l={red:0,yellow:1,none:2,green:3},o=n.
length>li,i=o?[...n].sort((u,r)=>l[u.light]-l[r.light]).slice(0,li):n;ge(I(e,"list","ul",{class:"lights","aria-label":"Lights of the workers"}),i.map(u=>[u.name,
u.light]),()=>i.map(Vd)),Y(I(e,"rest","p",{class:"muted"}),o?li+" of "+ve(n.length)+" are shown, those with problems first.":""),ge(I(e,"why"),t.troubled,()=>[Mt(
t.troubled)])}function Vd(e){let t=v("span",{class:e.light==="green"?"unseen":null}," "+Ao[e.light]);return v("li",{},ni(e.light),e.name,t)}function Ja(e){let t=N("generator-body");N("generator").hidden=!1;let{generator:n}=e;ge(I(t,"health"),[n,$s(e)],()=>$s(e)?[v("p",{class:"text"},n.sentence),Mt(n.
why),n.waits.length?v("p",{class:"text"},"Waits of arrivals:"):null,Mt(n.waits),Dl(n.facts)]:[]),ge(I(t,"balance"),e.balance_words,()=>Dd(e.balance_words))}function Dd(e){
let t=e.sums.map(n=>[...n.cells,n.off?v("span",{class:"bad"},n.judged):n.judged]);return[v("h3",{},"Balance of arrivals"),Xt("Balance of arrivals",Cn("Balance o\
f arrivals",null,t,0),"fit"),...e.besides.map(n=>v("p",{class:"muted after-table"},n))]}function $a(e){let{plan:t,phases:n,source:l}=e;N("plan").hidden=!t.length&&
!l;let o=u=>[u.when,u.text+(u.measured?"":" (not measured)")],i={class:"source",tabindex:"0",role:"region","aria-label":"Scenario, as written"};ge(I(N("plan-bod\
y"),"plan"),[t,n,l],()=>[Dl(t),v("h3",{},"Load"),Dl(n.map(o)),...l?[v("h3",{},"Scenario, as written"),v("pre",i,l)]:[]])}function Qa({cost:e}){N("cost").hidden=
!e,e&&ge(I(N("cost-body"),"cost"),e,()=>Ad(e))}function Ad({actual:e,expected:t,prices_of:n,lines:l,basis:o}){return[Dl([["this run",e??"–"],["expected before",
t],["prices of",n]]),l.length?v("h3",{},"Parts"):null,l.length?Xt("Cost by part",Cn("Cost by part",null,l),"fit"):null,Mt(o)]}function Xl(){let e=[...document.querySelectorAll(
"main > section")].filter(t=>!t.hidden);ge(N("contents"),e.map(t=>t.id),()=>e.map(t=>v("a",{href:"#"+t.id},t.querySelector("h2")?.textContent)))}var Pd=["not started","no report yet","running"],eo={table:null,opens:!1};async function Xa(e){try{let t=await fetch("past",{headers:{"X-Vajra-Token":Ql()}});if(!t.
ok)return;_e.past=await t.json()}catch{return}Po(e())}function Po(e){if(N("past").hidden=!_e.past.length,!_e.past.length)return;eo.table??=new Zt(N("past-body"),
"Table of past runs","tall fit"),eo.opens!==e&&eo.table.body.replaceChildren(),eo.opens=e;let n=[{key:"run",label:"run",text:l=>l.run,node:l=>e&&!Pd.includes(l.
verdict)?v("a",{href:"past/"+encodeURIComponent(l.run)},l.run):document.createTextNode(l.run)},{key:"verdict",label:"verdict",text:l=>l.verdict,node:l=>Zs(l.verdict,
l.verdict,!0)},{key:"scenario",label:"scenario",text:l=>l.scenario},{key:"created",label:"created",value:l=>l.created,text:l=>l.created?Yi(l.created):"–"},Je(
"workers","workers",l=>l.workers),{key:"length",label:"length",number:!0,text:l=>l.length||"–"}];eo.table.update(n,_e.past),Xl()}var Hd=4e3,xe={source:null,received:null,lost:null,gone:!1,ended:!1,state:null,undrawn:!1},Fo=()=>{};function tu(){xe.source?.close();let e=new EventSource("eve\
nts");xe.source=e,e.addEventListener("model",t=>{let n;try{n=JSON.parse(t.data)}catch{return}xe.received=Date.now(),xe.gone=!1,Fd(n),Ho()}),e.addEventListener("\
gone",()=>{xe.gone=!0,e.close(),eu(),Ho()}),e.addEventListener("error",()=>{xe.lost||=Date.now(),eu(),Ho(),e.readyState===EventSource.CLOSED&&!xe.ended&&!xe.gone&&
setTimeout(tu,2e3)}),e.addEventListener("open",()=>{xe.lost=null})}var oi=()=>!xe.ended||!!_e.model?.live?.stays;function eu(){xe.ended&&(xe.source?.close(),_e.
model?.live?.stays&&(_e.model.live.stays=!1,document.hidden?xe.undrawn=!0:Fo(_e.model),Po(oi())))}function Fd(e){let t=e.live?.state??"ended";if(xe.ended=t==="e\
nded",xe.lost=null,_e.model=e,xe.state||Xa(oi),xe.state!==t&&(xe.state=t,jt(xe.ended?"The run has ended: "+Vo(e.verdict_word)+".":"The run is "+t+"."),xe.ended&&
Po(oi())),xe.ended){e.live?.stays||xe.source?.close();let n=N("stop-dialog");n.open&&n.close()}document.hidden?xe.undrawn=!0:Fo(e)}function Ho(){let e=N("connec\
tion"),[t,n]=e.children,{gone:l,lost:o,received:i,ended:u}=xe,r=!u&&(l||o!==null||i!==null&&Date.now()-i>Hd);if(e.hidden=!r,document.body.classList.toggle("old",
r),!r)return Y(t,"");let f=l?"The server has ended. The numbers are old and will not change.":o?"Connection lost. The numbers are old. Reconnecting.":"No new da\
ta. The numbers are old.";t.textContent!==f&&jt(f),Y(t,f);let p=i===null?null:Math.round((Date.now()-i)/1e3);return Y(n,p===null?" No data has arrived.":" Last \
data "+ht(p)+" ago.")}function Od(){Y(N("stop-title"),"Stop run "+(_e.model?.run??"")+"?"),Y(N("stop-text"),"Workers stop sending within 2 s; the measurements u\
ntil then are reported."),N("stop-problem").hidden=!0,N("stop-yes").disabled=!1,N("stop-dialog").showModal(),N("stop-no").focus()}async function Nd(){let e=N("s\
top-problem"),t=N("stop-yes");t.disabled=!0;try{let n=await fetch("stop",{method:"POST",headers:{"X-Vajra-Token":Ql()}});if(n.status===204){N("stop-dialog").close(),
jt("The stop is requested.");return}Y(e,"The run was not stopped: "+(await n.text()||"answer "+n.status))}catch{Y(e,"The run was not stopped: the server does no\
t answer.")}e.hidden=!1,t.disabled=!1}function nu(e){Fo=e,Y(N("scenario"),"Load test"),Y(N("run-line"),"Waiting for the first data of the run."),N("verdict").hidden=
!0,N("stop-button").addEventListener("click",Od),N("stop-no").addEventListener("click",()=>N("stop-dialog").close()),N("stop-yes").addEventListener("click",()=>{
Nd()}),document.addEventListener("visibilitychange",()=>{document.hidden||!xe.undrawn||!_e.model||(xe.undrawn=!1,Fo(_e.model))}),tu(),setInterval(Ho,1e3)}function lu(e){return e.at.length?[...(e.planned&&[{key:"planned",label:"planned",colour:"planned",dash:[6,4],width:1.6,values:e.planned}])??[],{key:"sent",label:"\
sent",colour:"sent",width:3,values:e.sent},{key:"completed",label:"completed",colour:"completed",width:1.5,values:e.completed}]:[]}var ru={...wn,key:"rate",heading:"\
Rate",hint:"requests per second: planned, sent, completed",labelY:"requests per second",strip:!0,tick:e=>ve(e)==="0"&&e>0?String(e):ve(e),format:Xe,draw:e=>e.at.
length&&!e.failuresOnly?lu(e):null,describe:(e,t)=>"Chart of the rate over "+ht(e.end)+": "+wl(lu(e),Xe)+Wd(t),rows:(e,t,n)=>gl(e,n,"rate",Xe),below:e=>ge(e.below,
e.model.bands,()=>e.model.bands.map(t=>v("p",{class:"band-list text"},t)))};function Wd(e){let t=e.missing.length;return t?" In "+Rn(t,"interval")+" a worker’s \
part is missing.":""}var Id=[{key:"p50",label:"p50",colour:"p50"},{key:"p90",label:"p90",colour:"p90"},{key:"p99",label:"p99",colour:"p99",width:2.2},{key:"p99_\
9",label:"p99.9",colour:"p99-9",dash:[6,3]},{key:"max",label:"max",colour:"max",dash:[2,3],width:1.4}],ou=e=>Id.map(t=>({...t,values:e[t.key].map(pn)})),au={...wn,
key:"latency",heading:"Latency",hint:"percentiles of the requests answered in each interval",labelY:"latency",tick:Ht,format:ne,log:e=>{let[t,n]=[en(e.p50),ze(e.
max)];return t!==null&&n!==null&&t>0&&n/t>20},draw:e=>ze(e.max)===null&&ze(e.p50)===null?null:ou(e),describe:e=>{let t=ze(e.max),n=Pt(e.at[e.max.indexOf(t)]??0,
e.end),l=" The slowest request took "+ne(t)+" at "+n+".";return"Chart of latency over time: "+wl(ou(e),ne)+l},rows:(e,t,n)=>gl(e,n,"highest",ne)},zd={"first byt\
e":"p50",connect:"kind-8",TLS:"kind-3"};function si(e){return e.waits.flatMap(({name:t,p50:n,p99:l})=>{let o=zd[t]??"muted";return[{key:t+" p50",label:t+" p50",
colour:o,dash:[6,3],values:n.map(pn),optional:t!=="first byte"},{key:t+" p99",label:t+" p99",colour:o,width:2,values:l.map(pn)}]})}var uu={...wn,key:"waits",heading:"\
First byte, connect and TLS",hint:"percentiles of measured requests, and of opening connections; click a name to show or hide its line",labelY:"time",tick:Ht,format:ne,
log:e=>{let t=si(e).flatMap(o=>o.values),[n,l]=[en(t),ze(t)];return n!==null&&l!==null&&l/n>20},draw:e=>e.waits.length?si(e):null,describe:e=>"Chart of the firs\
t byte and of opening connections over time: "+wl(si(e),ne),rows:(e,t,n)=>gl(e,n,"highest",ne)};function su(e){let t=e.users&&[{key:"users",label:"users",colour:"\
planned",dash:[6,4],values:e.users}],n=ze(e.connections)===null?[]:[{key:"connections",label:"connections",colour:"service",dash:[2,3],width:1.8,values:e.connections}];
return[...t??[],...n,{key:"in flight",label:"in flight",colour:"completed",width:2,values:e.inFlight}]}var cu={...wn,key:"open",heading:"Requests in flight and \
connections",hint:"requests without an answer at the end of each interval; the largest number of open connections; users, if the load has them",labelY:"number",
height:190,tick:En,format:ve,draw:e=>e.users||ze(e.inFlight)!==null?su(e):null,describe:e=>"Chart of requests in flight and open connections over time: "+wl(su(
e),ve),rows:(e,t,n)=>gl(e,n,"highest",ve)};function iu(e){let t=e.kinds.map((n,l)=>({key:n,label:Ft(n),colour:"kind-"+(l%8+1),values:e.failures[n]}));return e.failuresOnly||
mn(e.dropped)>0&&t.push({key:" dropped",label:"dropped",colour:"dropped",values:e.dropped}),t}var fu={...wn,key:"errors",heading:"Failed and dropped",hint:"per \
second, by kind, stacked",labelY:"per second",stacked:!0,height:190,tick:En,format:Xe,draw:e=>{let t=iu(e);return t.length?t:null},describe:(e,t)=>"Chart of fai\
led and dropped requests over time. In all: "+t.errors+". Per second: "+wl(iu(e),Xe),rows:(e,t,n)=>gl(e,n,"rate",Xe)};var kl=e=>e.distribution.filter(t=>t.points.length>1),qd={latency:{colour:"latency"},service:{colour:"service",dash:[6,3]},"first byte":{colour:"p50",dash:[2,3]},
"latency of completed":{colour:"sent"},"latency of failed":{colour:"light-bad"},"latency of all failed":{colour:"light-bad"},"latency of this kind":{colour:"lig\
ht-bad"},resolve:{colour:"kind-7",dash:[6,3]},connect:{colour:"kind-8",dash:[6,3]},TLS:{colour:"kind-3",dash:[6,3]}},du={key:"distribution",heading:"Times by pe\
rcentile",hint:"from 90% on, each mark is ten times as rare; click a name to show or hide its line",labelX:"percentile",labelY:"time",height:290,tick:Ht,format:ne,
log:(e,t)=>{let n=kl(t).filter(l=>l.shown).flatMap(l=>l.points.map(o=>o[1])).filter(l=>l>0);return n.length>0&&(ze(n)??0)/(en(n)??1)>30},draw:(e,t)=>{let n=kl(t),
l=ii(n);return n.length?n.map(o=>({key:o.name,label:o.name,width:2,optional:!o.shown,...qd[o.name]??{colour:"muted"},values:l.map(i=>pn(ri(o.points,i)))})):null},
x:(e,t)=>{let n=ii(kl(t)),l=Math.log10(1/(1-(ze(n.filter(i=>i<1))??0))),o=Math.max(l+.05,Math.log10(Math.max(10,t.total.completed+t.total.failed)));return n.map(
i=>i>=1?o:Math.log10(1/(1-i)))},rangeX:(e,t,n)=>e.zoomed??[0,Math.max(1,n||1)],axisX:e=>({splits:(t,n,l,o)=>Gd(l,o),filter:(t,n)=>n,values:(t,n)=>{let{min:l=0,max:o=1}=t.
scales.x;return Bd(n,l,o,e.plot.clientWidth-100)}}),place:(e,t)=>{let n=e.uplot?.data[0]??[];return t===n.length-1?"the maximum":Al(1-10**-n[t])},describe:(e,t)=>"\
Chart of "+kl(t).map(n=>n.name+" by percentile: "+[.5,.9,.99,.999,1].map(l=>Al(l)+" "+ne(ri(n.points,l))).join(", ")).join("; ")+".",rows:(e,t,n)=>{let l=[0,.25,
.5,.75,.9,.95,.99,.995,.999,.9999,.99999,1],o=ze(ii(kl(t)).filter(r=>r<1))??0,i=new Map(kl(t).map(r=>[r.name,r.points])),u=l.filter(r=>r<=o||r===1).map(r=>[Al(r),
...n.map(({key:f})=>ne(ri(i.get(f)??[],r)))]);return{columns:["percentile",...n.map(({label:r})=>r)],rows:u,note:null}}};function ii(e){return[...new Set(e.flatMap(
t=>t.points.map(n=>n[0])))].sort((t,n)=>t-n)}function ri(e,t){let n=e.find(l=>l[0]>=t-1e-12);return n?n[1]:null}function Bd(e,t,n,l){let o=-1/0;return e.map(i=>{
let u=Al(i===0?0:1-10**-i),[r,f]=[(i-t)/(n-t)*l,u.length*3.6+3];return r-f<o?null:(o=r+f,u)})}function Gd(e,t){let n=t-e<=4?[0,Math.log10(2)]:[0];for(let l=1;l<=
Math.floor(t+1e-9);l+=1)n.push(l);return n.filter(l=>l>=e-1e-9&&l<=t+1e-9)}var ai=new WeakMap,pu=new WeakMap,mu={...wn,key:"heat",heading:"Requests by time and latency",hint:"the stronger the colour, the more requests",labelY:"latency",
height:270,cursorY:!0,tick:Ht,format:ve,alwaysLogarithmic:!0,draw:e=>Yd(e)?[{key:"heat",label:"requests",colour:"muted",invisible:!0,values:e.at.map(()=>null)}]:
null,rangeY:e=>{let t=to(e.facts);return[e.facts.edges[t.lowest],e.facts.edges[t.highest+1]]},paint:jd,legend:Zd,readCursor:Jd,recolour:e=>{let t=ai.get(e);t&&ui(
e,t)},speak:hu,describe:e=>{let t=to(e),n=ne(e.edges[t.lowest])+" to "+ne(e.edges[t.highest+1]),l=Rn(t.most,"request");return"Heat map of latency over "+ht(e.end)+
", from "+n+"; at most "+l+" in one cell."},rows:$d};function to(e){let t=pu.get(e);if(t)return t;let n={lowest:1/0,highest:-1,most:0};for(let l of e.heat)for(let[
o,i]of l)i<=0||(n.lowest=Math.min(n.lowest,o),n.highest=Math.max(n.highest,o),n.most=Math.max(n.most,i));return pu.set(e,n),n}var Yd=e=>to(e).most>0;function Kd(e,t){
return t<=1?On-1:Math.round(Math.log(e)/Math.log(t)*(On-1))}function jd(e,t){let{facts:n}=t,{ctx:l,bbox:o}=e,i=to(n),{min:u=0,max:r=n.end}=e.scales.x,f=Math.max(
0,Math.floor((u-n.at[0])/n.step)),p=Math.min(n.at.length-1,Math.ceil((r-n.at[0])/n.step)),w=Math.max(1,Math.ceil((p-f+1)/o.width)),h=n.edges.map(L=>Math.round(e.
valToPos(Math.max(L,1e-6),"y",!0))),b=Array.from({length:On},()=>[]);for(let L=f;L<=p;L+=w){let T=Math.round(e.valToPos(n.at[L],"x",!0)),D=Math.round(e.valToPos(
n.at[L]+n.step*w,"x",!0)),q=Math.max(1,D-T);for(let[B,S]of Ud(n.heat,L,Math.min(L+w,p+1)))b[Kd(S,i.most)].push(T,h[B+1],q,Math.max(1,h[B]-h[B+1]))}l.save(),l.beginPath(),
l.rect(o.left,o.top,o.width,o.height),l.clip();for(let[L,T]of b.entries()){l.fillStyle=Bs()[L];for(let D=0;D<T.length;D+=4)l.fillRect(T[D],T[D+1],T[D+2],T[D+3])}
l.restore()}function Ud(e,t,n){if(n-t<=1)return e[t].filter(([,o])=>o>0);let l=new Map;for(let o=t;o<n;o+=1)for(let[i,u]of e[o])l.set(i,Math.max(l.get(i)??0,u));
return l}function Zd(e){let t={bar:v("canvas",{class:"bar",width:On,height:1,"aria-hidden":"true"}),most:v("span"),read:v("output")};ai.set(e,t),e.legend.replaceChildren(
v("div",{class:"heat-legend"},v("span",{},"1"),t.bar,t.most,v("span",{class:"muted"},"in one cell, logarithmic"),e.when,t.read)),ui(e,t)}function ui(e,t){let n=Gl(
t.bar);Bs().forEach((l,o)=>{n.fillStyle=l,n.fillRect(o,0,1,1)}),Y(t.most,Rn(to(e.facts).most,"request"))}function Jd(e,t){let n=ai.get(e);if(!n||!e.uplot)return;
if(ui(e,n),t===null)return Y(n.read,"");let{facts:l,uplot:o}=e,{top:i,event:u}=o.cursor,r=e.byKey||!ce(i)?null:o.posToVal(i,"y"),f=r===null?-1:l.edges.findIndex(
(h,b)=>h<=r&&r<l.edges[b+1]);if(f<0||!u)return Y(n.read,hu(e,t));let p=l.heat[t].find(([h])=>h===f),w=ne(l.edges[f])+" to "+ne(l.edges[f+1]);return Y(n.read,w+"\
: "+Rn(p?p[1]:0,"request"))}function hu(e,t){let{edges:n,heat:l}=e.facts,o=l[t];if(!o.length)return"no requests measured";let[i]=o.reduce((r,f)=>f[1]>r[1]?f:r);
return Rn(mn(o.map(r=>r[1])),"request")+", most of them "+ne(n[i])+" to "+ne(n[i+1])}function $d(e){let t=Math.max(1,Math.ceil(e.at.length/Gs)),n=[];for(let l=0;l<
e.at.length;l+=t){let o=new Map;for(let r=l;r<Math.min(l+t,e.at.length);r+=1)for(let[f,p]of e.heat[r])o.set(f,(o.get(f)??0)+p);let i=[...o.keys()];if(!i.length){
n.push([Pt(e.at[l],e.end),"0","–","–","–"]);continue}let u=i.reduce((r,f)=>(o.get(f)??0)>(o.get(r)??0)?f:r);n.push([Pt(e.at[l],e.end),ve(mn([...o.values()])),
ne(e.edges[Math.min(...i)]),ne(e.edges[u])+" to "+ne(e.edges[u+1]),ne(e.edges[Math.max(...i)+1])])}return{columns:["from","requests","fastest above","most of th\
em","slowest below"],rows:n,note:t*e.step>1?"Each row is "+ht(t*e.step)+".":null}}var wu=e=>({key:"name",label:e,value:t=>t.name,text:t=>t.name||"(no name)"}),Qd=e=>e.failed_percent===null?"–":e.failed_percent+"%";function Xd(e){let t={minor:!0};
return[wu(e),Je("sent","sent",n=>n.sent),Je("completed","completed",n=>n.completed),Je("failed","failed",n=>n.failed,{tone:n=>n.failed?"bad":null}),{key:"failed\
 share",label:"failed %",number:!0,value:n=>n.failed_percent,text:Qd},Je("dropped","dropped",n=>n.dropped,{tone:n=>n.dropped?"bad":null}),Je("retries","retries",
n=>n.retries,t),{key:"rate",label:"rate",number:!0,value:n=>n.rate_per_s,text:n=>Xe(n.rate_per_s)},Ne("p50","p50",n=>n.p50),Ne("p90","p90",n=>n.p90),Ne("p95","p\
95",n=>n.p95),Ne("p99","p99",n=>n.p99),Ne("p99_9","p99.9",n=>n.p99_9),Ne("max","max",n=>n.max),Ne("mean","mean",n=>n.mean,t),Ne("service_p50","service p50",n=>n.
service_p50),Ne("service_p99","service p99",n=>n.service_p99),Ne("first_byte_p50","first byte p50",n=>n.first_byte_p50,t),Ne("first_byte_p99","first byte p99",n=>n.
first_byte_p99,t),Ne("lag_p99","lag p99",n=>n.lag_p99),{key:"body_bytes",label:"received",number:!0,minor:!0,value:n=>n.body_bytes,text:n=>Gi(n.body_bytes)}]}function ep(e,t){
let n=[...new Set(e.flatMap(o=>Object.keys(o.failures)))].sort(),l=[...new Set(e.flatMap(o=>Object.keys(o.statuses)))].sort();return[wu(t),...n.map(o=>Je("faile\
d "+o,Ft(o),i=>i.failures[o]??0,{title:"failed: "+Ft(o),tone:i=>i.failures[o]?"bad":null})),...l.map(o=>Je("status "+o,"status "+o,i=>i.statuses[o]??0))]}var Tl={};
function gu(e,t,n,l,o){let i=n==="request"?"Failures and statuses":"Failures and statuses by region",u=t??{rows:new Zt(e,n==="request"?"Requests by name":"Reque\
sts by region"),failures:new Zt(I(e,"failures"),"Failures and statuses by "+n,"fit")},r=I(e,"failures");t||r.prepend(I(r,"title","h3")),I(r,"title","h3").textContent=
i;let f=l.length>1&&o?{...o,name:"all"}:null;u.rows.update(Xd(n),l,{total:f});let p=ep([...l,...o?[o]:[]],n);return r.hidden=p.length===1,u.failures.update(p,l,
{total:f}),u}function bu(e){let t=N("requests"),n=N("requests-body");if(t.hidden=!e.requests.length,t.hidden)return;Tl.requests=gu(n,Tl.requests,"request",e.requests,
e.total),tp(n,e.failures);let l=I(n,"regions");l.hidden=!e.regions.length,!l.hidden&&(I(l,"title","h3").textContent="Regions",Tl.regions=gu(l,Tl.regions,"region",
e.regions,null))}function tp(e,t){let n=I(e,"reasons");if(n.hidden=!t.length,n.hidden)return;I(n,"title","h3").textContent="Reasons of failures",Tl.reasons??=new Zt(
n,"Reasons of failures","fit");let l=[{key:"reason",label:"reason",text:o=>o.reason},{key:"kind",label:"failed by",text:o=>Ft(o.kind)},Je("count","count",o=>o.count),
{key:"request",label:"request",text:o=>o.request},{key:"origin",label:"origin",text:o=>o.origin??"–"},{key:"first",label:"first arrivals",value:o=>o.first[0],
text:o=>o.first.join(", ")},{key:"advice",label:"what to do",text:o=>o.advice??""}];Tl.reasons.update(l,t,{limit:50})}/*! The charts are drawn by uPlot (MIT), copyright (c) 2022 Leon Sorokin. */var np=690;function lp(e){N("verdict").hidden=!1,Fa(e),Za(e),Oa(e)}function fi(e){Ha(
e,()=>{_e.model&&fi(_e.model)});let t=Pa(e),{facts:n,model:l}=t;op(t),ci("spread",du,n,l),ci("against",ji,n,l),ci("heat",mu,n,l),Xl()}function ci(e,t,n,l){N(e).
hidden=!1,N(e).hidden=!Nn(N(e+"-body"),t,n,l)}function op({facts:e,failed:t,waits:n,model:l}){let o=N("over-time-body");if(N("over-time").hidden=!t.at.length,!t.
at.length)return;Nn(o,ru,e,l),Nn(o,au,e,l),Nn(o,uu,n,l),Nn(o,cu,e,l);let i=Nn(o,fu,t,l);Y(I(o,"no-errors","p",{class:"muted"}),i?"":"No request failed, and none\
 was dropped."),Y(I(o,"help","p",{class:"muted band-list help"}),"Drag over a chart to zoom, double click to reset. With the keyboard: arrow keys move, + and − \
zoom, 0 resets.")}function yu(e){bu(e),Ka(e),Ja(e),$a(e),Qa(e),Xl()}function vu(e){if(lp(e),_e.ready){fi(e),yu(e);return}(n=>document.hidden?setTimeout(n):requestAnimationFrame(
n))(()=>setTimeout(()=>{fi(e),setTimeout(()=>{yu(e),_e.ready=!0},0)},0))}var xu=()=>document.querySelectorAll(".worker-grid canvas");function sp(){qs();for(let e of $l.
values())e.uplot?.redraw(!1,!0),e.definition.recolour?.(e);for(let e of xu())e.width!==300&&vl(e)}function ku(e){document.documentElement.classList.toggle("prin\
ting",e),qs();for(let t of $l.values()){if(!t.uplot||t.figure.hidden)continue;let n=t.definition.height??Ro;t.uplot.setSize({width:e?np:t.plot.clientWidth,height:n}),
t.definition.recolour?.(t)}for(let t of xu())vl(t)}matchMedia("(prefers-color-scheme: dark)").addEventListener("change",sp);window.addEventListener("beforeprint",
()=>ku(!0));window.addEventListener("afterprint",()=>ku(!1));Eo?nu(vu):(_e.model=JSON.parse(N("model").textContent??"null"),_e.model&&vu(_e.model));})();
