"use strict";(()=>{function H(e){let t=document.getElementById(e);if(!t)throw new Error("the page has no element "+e);return t}function v(e,t={},...n){let l=document.createElement(
e);for(let[o,i]of Object.entries(t))i==null||i===!1||l.setAttribute(o,i===!0?"":String(i));return l.append(...n.filter(o=>o!=null)),l}function fn(e,t){for(let[n,
l]of Object.entries(t))e.addEventListener(n,l);return e}function dn(e,t,n={}){return fn(v("button",{type:"button",...n},e),{click:t})}function En(e,t,n,l=1){let o=r=>r>=
l?"number":null,i=(r,f)=>v("th",{scope:"col",class:o(f)},r),u=(r,f)=>v(f?"td":"th",{scope:f?null:"row",class:o(f)},r);return v("table",{},v("caption",{},e),t&&v(
"thead",{},v("tr",{},...t.map(i))),v("tbody",{},...n.map(r=>v("tr",{},...r.map(u)))))}function Xt(e,t,n=""){return v("div",{class:("scroll "+n).trim(),role:"reg\
ion",tabindex:"0","aria-label":e},t)}function Mt(e){return e.length?v("ul",{class:"lines"},...e.map(t=>v("li",{},t))):null}function Al(e){return v("dl",{class:"\
facts-table"},...e.flatMap(([t,n])=>[v("dt",{},t),v("dd",{},n)]))}function Y(e,t){e.textContent!==t&&(e.textContent=t)}var Yi=new WeakMap;function be(e,t,n){let l=JSON.
stringify(t);Yi.get(e)!==l&&(Yi.set(e,l),e.replaceChildren(...n().filter(o=>o!=null)))}var Ki=new WeakMap;function P(e,t,n="div",l={}){let o=Ki.get(e)??new Map;
Ki.set(e,o);let i=o.get(t);return i||(i=e.appendChild(v(n,l)),o.set(t,i)),i}function Ut(e){Y(H("spoken"),e)}var us=new Intl.NumberFormat("en-US",{maximumFractionDigits:0}),ce=e=>typeof e=="number"&&Number.isFinite(e);function ke(e){return ce(e)?us.format(e):"–"}function ne(e){
if(!ce(e))return"–";let t=Math.round(Math.abs(e)*1e6),n=1;for(;t/n>=1e3&&n<1e9;)n*=10;let l=Math.floor((t+Math.floor(n/2))/n)*n;if(l===0)return"0";let[o,i]=l<
1e3?[1,"ns"]:l<1e6?[1e3,"us"]:l<1e9?[1e6,"ms"]:[1e9,"s"];return(e<0?"-":"")+Number((l/o).toPrecision(12))+i}function qe(e){if(!ce(e))return"–";let t=n=>(Math.
round(e*10**n)/10**n).toFixed(n);return(e>=1e4?us.format(Math.round(e)):t(e>=100?1:2))+"/s"}function ht(e){if(!ce(e))return"–";if(e<60)return Math.round(e*10)/
10+" s";let t=Math.round(e),[n,l,o]=[Math.floor(t/3600),Math.floor(t/60)%60,t%60];return[n?n+" h":"",l?l+" min":"",o?o+" s":""].filter(Boolean).join(" ")}function Ht(e,t){
if(t<=180)return Number(e.toFixed(1))+" s";let n=Math.round(e),[l,o,i]=[Math.floor(n/3600),Math.floor(n/60)%60,String(n%60).padStart(2,"0")];return l?l+":"+String(
o).padStart(2,"0")+":"+i:o+":"+i}function Rn(e){if(e>=1)return"max";let t=10**Math.max(0,Math.min(6,Math.ceil(-Math.log10(1-e)-1e-9)-1));return Math.round(e*100*
t)/t+"%"}function Ft(e){return e===0?"0":ne(e)}function il(e){return Math.abs(e)>=999.5?us.format(e):String(Number(e.toPrecision(3)))}function po(e){let t=new Date(
e);return Number.isNaN(t.getTime())?e:t.toISOString().slice(0,19).replace("T"," ")+" UTC"}function Vn(e,t,n=t+"s"){return ke(e)+" "+(e===1?t:n)}var Ot=e=>e.replaceAll(
"_"," ");var ji=.001,cs=e=>e.filter(ce),pn=e=>ce(e)?Math.max(e,ji):null;function Be(e){let t=null;for(let n of e)ce(n)&&(t===null||n>t)&&(t=n);return t}function en(e){let t=null;
for(let n of e)ce(n)&&(t===null||n<t)&&(t=n);return t}function mn(e){return cs(e).reduce((t,n)=>t+n,0)}function Pl(e,t){let{at:n,lengths:l}=e,o=n.length>1?n[1]-
n[0]:l[0]??1,i=n.length-1,u=p=>p.map((w,h)=>ce(w)?w/l[h]:null),r=p=>p.map((w,h)=>e.whole[h]?w:null),f=Object.keys(e.failures).filter(p=>mn(e.failures[p])>0);return{
at:n,step:o,end:n.length?n[i]+l[i]:0,kinds:f,middle:n.map((p,w)=>p+(w===i?o:l[w])/2),planned:e.planned&&r(u(e.planned)),users:e.users,inFlight:e.in_flight,connections:e.
connections,sent:r(u(e.sent)),completed:r(u(e.completed)),dropped:u(e.dropped),failures:Object.fromEntries(f.map(p=>[p,u(e.failures[p])])),p50:e.p50,p90:e.p90,p99:e.
p99,p99_9:e.p99_9,max:e.max,heat:t.seconds,edges:t.edges.map(p=>Math.max(p,ji)),waits:[],failuresOnly:!1}}function fs({at:e,lengths:t,lines:n},l){let o=e.map((i,u)=>i+
t[u]/2);return{...l,at:e,step:t[0]??1,middle:o,waits:n}}var tn=e=>e.against?.points??[],ds=(e,t)=>e.against?.load==="users"?il(t)+" users":qe(t),nc=[{key:"p50",label:"p50",colour:"p50"},{key:"p90",label:"p90",colour:"\
p90"},{key:"p99",label:"p99",colour:"p99",width:2.2}],Ui={key:"against",heading:"Latency by load",hint:"each point contains all measured seconds of about the sa\
me load",labelX:e=>e.against?.load==="users"?"users":`planned ${e.flows.length?"arrivals":"requests"} per second`,labelY:"latency",height:260,points:!0,tick:Ft,
format:ne,log:(e,t)=>{let[n,l]=[en(tn(t).map(o=>o.p50)),Be(tn(t).map(o=>o.p99))];return n!==null&&l!==null&&n>0&&l/n>20},draw:(e,t)=>t.against?nc.map(n=>({...n,
values:tn(t).map(l=>pn(l[n.key]))})):null,x:(e,t)=>tn(t).map(n=>n.load),rangeX:(e,t,n)=>e.zoomed??[t,n],axisX:()=>({values:(e,t)=>t.map(il)}),place:(e,t)=>ds(e.
model,tn(e.model)[t].load),describe:(e,t)=>{let[n,l]=[tn(t)[0],tn(t)[tn(t).length-1]],o=i=>ds(t,i.load)+" p50 "+ne(i.p50)+", p99 "+ne(i.p99);return"Chart of lat\
ency by load: at "+o(n)+"; at "+o(l)+"."},rows:(e,t)=>({columns:[t.against?.load??"load","seconds","completed","p50","p90","p99"],rows:tn(t).map(n=>[ds(t,n.load),
ke(n.seconds),qe(n.completed),ne(n.p50),ne(n.p90),ne(n.p99)]),note:null})};var lc="uplot",oc="u-hz",sc="u-vt",ic="u-title",rc="u-wrap",ac="u-under",uc="u-over",cc="u-axis",Pn="u-off",fc="u-select",dc="u-cursor-x",pc="u-cursor-y",mc="u-\
cursor-pt",hc="u-legend",gc="u-live",wc="u-inline",bc="u-series",yc="u-marker",Zi="u-label",vc="u-value",Fl="width",Ol="height";var Ji="bottom",rl="left",ps="right",Rs="#000",$i=Rs+"0",ms="mousemove",Qi="mousedown",hs="mouseup",Xi="mouseenter",er="mouseleave",tr="dblclick",xc="resize",kc="\
scroll",nr="change",bo="dppxchange",Vs="--",ml=typeof window<"u",vs=ml?document:null,ul=ml?window:null,Tc=ml?navigator:null,fe,mo;function xs(){let e=devicePixelRatio;
fe!=e&&(fe=e,mo&&Ts(nr,mo,xs),mo=matchMedia(`(min-resolution: ${fe-.001}dppx) and (max-resolution: ${fe+.001}dppx)`),Hn(nr,mo,xs),ul.dispatchEvent(new CustomEvent(
bo)))}function gt(e,t){if(t!=null){let n=e.classList;!n.contains(t)&&n.add(t)}}function ks(e,t){let n=e.classList;n.contains(t)&&n.remove(t)}function Ce(e,t,n){
e.style[t]=n+"px"}function Nt(e,t,n,l){let o=vs.createElement(e);return t!=null&&gt(o,t),n?.insertBefore(o,l),o}function Ct(e,t){return Nt("div",e,t)}var lr=new WeakMap;
function Zt(e,t,n,l,o){let i="translate("+t+"px,"+n+"px)",u=lr.get(e);i!=u&&(e.style.transform=i,lr.set(e,i),t<0||n<0||t>l||n>o?gt(e,Pn):ks(e,Pn))}var or=new WeakMap;
function sr(e,t,n){let l=t+n,o=or.get(e);l!=o&&(or.set(e,l),e.style.background=t,e.style.borderColor=n)}var ir=new WeakMap;function rr(e,t,n,l){let o=t+""+n,i=ir.
get(e);o!=i&&(ir.set(e,o),e.style.height=n+"px",e.style.width=t+"px",e.style.marginLeft=l?-t/2+"px":0,e.style.marginTop=l?-n/2+"px":0)}var Ds={passive:!0},Sc={...Ds,
capture:!0};function Hn(e,t,n,l){t.addEventListener(e,n,l?Sc:Ds)}function Ts(e,t,n,l){t.removeEventListener(e,n,Ds)}ml&&xs();function Wt(e,t,n,l){let o;n=n||0,l=
l||t.length-1;let i=l<=2147483647;for(;l-n>1;)o=i?n+l>>1:wt((n+l)/2),t[o]<e?n=o:l=o;return e-t[n]<=t[l]-e?n:l}function Hr(e){return(n,l,o)=>{let i=-1,u=-1;for(let r=l;r<=
o;r++)if(e(n[r])){i=r;break}for(let r=o;r>=l;r--)if(e(n[r])){u=r;break}return[i,u]}}var Fr=e=>e!=null,Or=e=>e!=null&&e>0,xo=Hr(Fr),_c=Hr(Or);function Mc(e,t,n,l=0,o=!1){
let i=o?_c:xo,u=o?Or:Fr;[t,n]=i(e,t,n);let r=e[t],f=e[t];if(t>-1)if(l==1)r=e[t],f=e[n];else if(l==-1)r=e[n],f=e[t];else for(let p=t;p<=n;p++){let w=e[p];u(w)&&(w<
r?r=w:w>f&&(f=w))}return[r??ye,f??-ye]}function ko(e,t,n,l){let o=cr(e),i=cr(t);e==t&&(o==-1?(e*=n,t/=n):(e/=n,t*=n));let u=n==10?nn:Nr,r=o==1?wt:Lt,f=i==1?Lt:wt,
p=r(u(Ye(e))),w=f(u(Ye(t))),h=cl(n,p),b=cl(n,w);return n==10&&(p<0&&(h=ve(h,-p)),w<0&&(b=ve(b,-w))),l||n==2?(e=h*o,t=b*i):(e=qr(e,h),t=To(t,b)),[e,t]}function As(e,t,n,l){
let o=ko(e,t,n,l);return e==0&&(o[0]=0),t==0&&(o[1]=0),o}var Ps=.1,ar={mode:3,pad:Ps},Wl={pad:0,soft:null,mode:0},Cc={min:Wl,max:Wl};function yo(e,t,n,l){return So(
n)?ur(e,t,n):(Wl.pad=n,Wl.soft=l?0:null,Wl.mode=l?3:0,ur(e,t,Cc))}function ae(e,t){return e??t}function Lc(e,t,n){for(t=ae(t,0),n=ae(n,e.length-1);t<=n;){if(e[t]!=
null)return!0;t++}return!1}function ur(e,t,n){let l=n.min,o=n.max,i=ae(l.pad,0),u=ae(o.pad,0),r=ae(l.hard,-ye),f=ae(o.hard,ye),p=ae(l.soft,ye),w=ae(o.soft,-ye),
h=ae(l.mode,0),b=ae(o.mode,0),C=t-e,T=nn(C),D=it(Ye(e),Ye(t)),q=nn(D),B=Ye(q-T);(C<1e-24||B>10)&&(C=0,(e==0||t==0)&&(C=1e-24,h==2&&p!=ye&&(i=0),b==2&&w!=-ye&&(u=
0)));let S=C||D||1e3,z=nn(S),_=cl(10,wt(z)),Q=S*(C==0?e==0?.1:1:i),A=ve(qr(e-Q,_/10),24),X=e>=p&&(h==1||h==3&&A<=p||h==2&&A>=p)?p:ye,Z=it(r,A<X&&e>=X?X:It(X,A)),
le=S*(C==0?t==0?.1:1:u),U=ve(To(t+le,_/10),24),M=t<=w&&(b==1||b==3&&U>=w||b==2&&U<=w)?w:-ye,$=It(f,U>M&&t<=M?M:it(M,U));return Z==$&&Z==0&&($=100),[Z,$]}var Ec=new Intl.
NumberFormat(ml?Tc.language:"en-US"),Hs=e=>Ec.format(e),bt=Math,wo=bt.PI,Ye=bt.abs,wt=bt.floor,Ge=bt.round,Lt=bt.ceil,It=bt.min,it=bt.max,cl=bt.pow,cr=bt.sign,nn=bt.
log10,Nr=bt.log2,Rc=(e,t=1)=>bt.sinh(e)*t,gs=(e,t=1)=>bt.asinh(e/t),ye=1/0;function fr(e){return(nn((e^e>>31)-(e>>31))|0)+1}function Ss(e,t,n){return It(it(e,t),
n)}function Wr(e){return typeof e=="function"}function oe(e){return Wr(e)?e:()=>e}var Vc=()=>{},Ir=e=>e,zr=(e,t)=>t,Dc=e=>null,dr=e=>!0,pr=(e,t)=>e==t,Ac=/\.\d*?(?=9{6,}|0{6,})/gm,
Fn=e=>{if(Gr(e)||gn.has(e))return e;let t=`${e}`,n=t.match(Ac);if(n==null)return e;let l=n[0].length-1;if(t.indexOf("e-")!=-1){let[o,i]=t.split("e");return+`${Fn(
o)}e${i}`}return ve(e,l)};function Dn(e,t){return Fn(ve(Fn(e/t))*t)}function To(e,t){return Fn(Lt(Fn(e/t))*t)}function qr(e,t){return Fn(wt(Fn(e/t))*t)}function ve(e,t=0){
if(Gr(e))return e;let n=10**t,l=e*n*(1+Number.EPSILON);return Ge(l)/n}var gn=new Map;function Br(e){return((""+e).split(".")[1]||"").length}function zl(e,t,n,l){
let o=[],i=l.map(Br);for(let u=t;u<n;u++){let r=Ye(u),f=ve(cl(e,u),r);for(let p=0;p<l.length;p++){let w=e==10?+`${l[p]}e${u}`:l[p]*f,h=(u>=0?0:r)+(u>=i[p]?0:i[p]),
b=e==10?w:ve(w,h);o.push(b),gn.set(b,h)}}return o}var Il={},Fs=[],fl=[null,null],hn=Array.isArray,Gr=Number.isInteger,Pc=e=>e===void 0;function mr(e){return typeof e==
"string"}function So(e){let t=!1;if(e!=null){let n=e.constructor;t=n==null||n==Object}return t}function Hc(e){return e!=null&&typeof e=="object"}var Fc=Object.getPrototypeOf(
Uint8Array),Yr="__proto__";function dl(e,t=So){let n;if(hn(e)){let l=e.find(o=>o!=null);if(hn(l)||t(l)){n=Array(e.length);for(let o=0;o<e.length;o++)n[o]=dl(e[o],
t)}else n=e.slice()}else if(e instanceof Fc)n=e.slice();else if(t(e)){n={};for(let l in e)l!=Yr&&(n[l]=dl(e[l],t))}else n=e;return n}function Ne(e){let t=arguments;
for(let n=1;n<t.length;n++){let l=t[n];for(let o in l)o!=Yr&&(So(e[o])?Ne(e[o],dl(l[o])):e[o]=dl(l[o]))}return e}var Oc=0,Nc=1,Wc=2;function Ic(e,t,n){for(let l=0,
o,i=-1;l<t.length;l++){let u=t[l];if(u>i){for(o=u-1;o>=0&&e[o]==null;)e[o--]=null;for(o=u+1;o<n&&e[o]==null;)e[i=o++]=null}}}function zc(e,t){if(Gc(e)){let u=e[0].
slice();for(let r=1;r<e.length;r++)u.push(...e[r].slice(1));return Yc(u[0])||(u=Bc(u)),u}let n=new Set;for(let u=0;u<e.length;u++){let f=e[u][0],p=f.length;for(let w=0;w<
p;w++)n.add(f[w])}let l=[Array.from(n).sort((u,r)=>u-r)],o=l[0].length,i=new Map;for(let u=0;u<o;u++)i.set(l[0][u],u);for(let u=0;u<e.length;u++){let r=e[u],f=r[0];
for(let p=1;p<r.length;p++){let w=r[p],h=Array(o).fill(void 0),b=t?t[u][p]:Nc,C=[];for(let T=0;T<w.length;T++){let D=w[T],q=i.get(f[T]);D===null?b!=Oc&&(h[q]=D,
b==Wc&&C.push(q)):h[q]=D}Ic(h,C,o),l.push(h)}}return l}var qc=typeof queueMicrotask>"u"?e=>Promise.resolve().then(e):queueMicrotask;function Bc(e){let t=e[0],n=t.
length,l=Array(n);for(let i=0;i<l.length;i++)l[i]=i;l.sort((i,u)=>t[i]-t[u]);let o=[];for(let i=0;i<e.length;i++){let u=e[i],r=Array(n);for(let f=0;f<n;f++)r[f]=
u[l[f]];o.push(r)}return o}function Gc(e){let t=e[0][0],n=t.length;for(let l=1;l<e.length;l++){let o=e[l][0];if(o.length!=n)return!1;if(o!=t){for(let i=0;i<n;i++)
if(o[i]!=t[i])return!1}}return!0}function Yc(e,t=100){let n=e.length;if(n<=1)return!0;let l=0,o=n-1;for(;l<=o&&e[l]==null;)l++;for(;o>=l&&e[o]==null;)o--;if(o<=
l)return!0;let i=it(1,wt((o-l+1)/t));for(let u=e[l],r=l+i;r<=o;r+=i){let f=e[r];if(f!=null){if(f<=u)return!1;u=f}}return!0}var Kr=["January","February","March",
"April","May","June","July","August","September","October","November","December"],jr=["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"];function Ur(e){
return e.slice(0,3)}var Kc=jr.map(Ur),jc=Kr.map(Ur),Uc={MMMM:Kr,MMM:jc,WWWW:jr,WWW:Kc};function Hl(e){return(e<10?"0":"")+e}function Zc(e){return(e<10?"00":e<100?
"0":"")+e}var Jc={YYYY:e=>e.getFullYear(),YY:e=>(e.getFullYear()+"").slice(2),MMMM:(e,t)=>t.MMMM[e.getMonth()],MMM:(e,t)=>t.MMM[e.getMonth()],MM:e=>Hl(e.getMonth()+
1),M:e=>e.getMonth()+1,DD:e=>Hl(e.getDate()),D:e=>e.getDate(),WWWW:(e,t)=>t.WWWW[e.getDay()],WWW:(e,t)=>t.WWW[e.getDay()],HH:e=>Hl(e.getHours()),H:e=>e.getHours(),
h:e=>{let t=e.getHours();return t==0?12:t>12?t-12:t},AA:e=>e.getHours()>=12?"PM":"AM",aa:e=>e.getHours()>=12?"pm":"am",a:e=>e.getHours()>=12?"p":"a",mm:e=>Hl(e.
getMinutes()),m:e=>e.getMinutes(),ss:e=>Hl(e.getSeconds()),s:e=>e.getSeconds(),fff:e=>Zc(e.getMilliseconds())};function Os(e,t){t=t||Uc;let n=[],l=/\{([a-z]+)\}|[^{]+/gi,
o;for(;o=l.exec(e);)n.push(o[0][0]=="{"?Jc[o[1]]:o[0]);return i=>{let u="";for(let r=0;r<n.length;r++)u+=typeof n[r]=="string"?n[r]:n[r](i,t);return u}}var $c=new Intl.
DateTimeFormat().resolvedOptions().timeZone;function Qc(e,t){let n;return t=="UTC"||t=="Etc/UTC"?n=new Date(+e+e.getTimezoneOffset()*6e4):t==$c?n=e:(n=new Date(
e.toLocaleString("en-US",{timeZone:t})),n.setMilliseconds(e.getMilliseconds())),n}var Zr=e=>e%1==0,vo=[1,2,2.5,5],Xc=zl(10,-32,0,vo),Jr=zl(10,0,32,vo),ef=Jr.filter(
Zr),An=Xc.concat(Jr),Ns=`
`,$r="{YYYY}",hr=Ns+$r,Qr="{M}/{D}",Nl=Ns+Qr,ho=Nl+"/{YY}",Xr="{aa}",tf="{h}:{mm}",al=tf+Xr,gr=Ns+al,wr=":{ss}",pe=null;function ea(e){let t=e*1e3,n=t*60,l=n*60,
o=l*24,i=o*30,u=o*365,f=(e==1?zl(10,0,3,vo).filter(Zr):zl(10,-3,0,vo)).concat([t,t*5,t*10,t*15,t*30,n,n*5,n*10,n*15,n*30,l,l*2,l*3,l*4,l*6,l*8,l*12,o,o*2,o*3,o*
4,o*5,o*6,o*7,o*8,o*9,o*10,o*15,i,i*2,i*3,i*4,i*6,u,u*2,u*5,u*10,u*25,u*50,u*100]),p=[[u,$r,pe,pe,pe,pe,pe,pe,1],[o*28,"{MMM}",hr,pe,pe,pe,pe,pe,1],[o,Qr,hr,pe,
pe,pe,pe,pe,1],[l,"{h}"+Xr,ho,pe,Nl,pe,pe,pe,1],[n,al,ho,pe,Nl,pe,pe,pe,1],[t,wr,ho+" "+al,pe,Nl+" "+al,pe,gr,pe,1],[e,wr+".{fff}",ho+" "+al,pe,Nl+" "+al,pe,gr,
pe,1]];function w(h){return(b,C,T,D,q,B)=>{let S=[],z=q>=u,_=q>=i&&q<u,Q=h(T),A=ve(Q*e,3),X=ws(Q.getFullYear(),z?0:Q.getMonth(),_||z?1:Q.getDate()),Z=ve(X*e,3);
if(_||z){let le=_?q/i:0,U=z?q/u:0,M=A==Z?A:ve(ws(X.getFullYear()+U,X.getMonth()+le,1)*e,3),$=new Date(Ge(M/e)),F=$.getFullYear(),K=$.getMonth();for(let I=0;M<=D;I++){
let se=ws(F+U*I,K+le*I,1),W=se-h(ve(se*e,3));M=ve((+se+W)*e,3),M<=D&&S.push(M)}}else{let le=q>=o?o:q,U=wt(T)-wt(A),M=Z+U+To(A-Z,le);S.push(M);let $=h(M),F=$.getHours()+
$.getMinutes()/n+$.getSeconds()/l,K=q/l,I=b.axes[C]._space,se=B/I;for(;M=ve(M+q,e==1?0:3),!(M>D);)if(K>1){let W=wt(ve(F+K,6))%24,ie=h(M).getHours()-W;ie>1&&(ie=
-1),M-=ie*l,F=(F+K)%24;let he=S[S.length-1];ve((M-he)/q,3)*se>=.7&&S.push(M)}else S.push(M)}return S}}return[f,p,w]}var[nf,lf,of]=ea(1),[sf,rf,af]=ea(.001);zl(2,
-53,53,[1]);function br(e,t){return e.map(n=>n.map((l,o)=>o==0||o==8||l==null?l:t(o==1||n[8]==0?l:n[1]+l)))}function yr(e,t){return(n,l,o,i,u)=>{let r=t.find(T=>u>=
T[0])||t[t.length-1],f,p,w,h,b,C;return l.map(T=>{let D=e(T),q=D.getFullYear(),B=D.getMonth(),S=D.getDate(),z=D.getHours(),_=D.getMinutes(),Q=D.getSeconds(),A=q!=
f&&r[2]||B!=p&&r[3]||S!=w&&r[4]||z!=h&&r[5]||_!=b&&r[6]||Q!=C&&r[7]||r[1];return f=q,p=B,w=S,h=z,b=_,C=Q,A(D)})}}function uf(e,t){let n=Os(t);return(l,o,i,u,r)=>o.
map(f=>n(e(f)))}function ws(e,t,n){return new Date(e,t,n)}function vr(e,t){return t(e)}var cf="{YYYY}-{MM}-{DD} {h}:{mm}{aa}";function xr(e,t){return(n,l,o,i)=>i==
null?Vs:t(e(l))}function ff(e,t){let n=e.series[t];return n.width?n.stroke(e,t):n.points.width?n.points.stroke(e,t):null}function df(e,t){return e.series[t].fill(
e,t)}var pf={show:!0,live:!0,isolate:!1,mount:Vc,markers:{show:!0,width:2,stroke:ff,fill:df,dash:"solid"},idx:null,idxs:null,values:[]};function mf(e,t){let n=e.
cursor.points,l=Ct(),o=n.size(e,t);Ce(l,Fl,o),Ce(l,Ol,o);let i=o/-2;Ce(l,"marginLeft",i),Ce(l,"marginTop",i);let u=n.width(e,t,o);return u&&Ce(l,"borderWidth",u),
l}function hf(e,t){let n=e.series[t].points;return n._fill||n._stroke}function gf(e,t){let n=e.series[t].points;return n._stroke||n._fill}function wf(e,t){return e.
series[t].points.size}var bs=[0,0];function bf(e,t,n){return bs[0]=t,bs[1]=n,bs}function go(e,t,n,l=!0){return o=>{o.button==0&&(!l||o.target==t)&&n(o)}}function ys(e,t,n,l=!0){
return o=>{(!l||o.target==t)&&n(o)}}var yf={show:!0,x:!0,y:!0,lock:!1,move:bf,points:{one:!1,show:mf,size:wf,width:0,stroke:gf,fill:hf},bind:{mousedown:go,mouseup:go,
click:go,dblclick:go,mousemove:ys,mouseleave:ys,mouseenter:ys},drag:{setScale:!0,x:!0,y:!1,dist:0,uni:null,click:(e,t)=>{t.stopPropagation(),t.stopImmediatePropagation()},
_x:!1,_y:!1},focus:{dist:(e,t,n,l,o)=>l-o,prox:-1,bias:0},hover:{skip:[void 0],prox:null,bias:0},left:-10,top:-10,idx:null,dataIdx:null,idxs:null,event:null},ta={
show:!0,stroke:"rgba(0,0,0,0.07)",width:2},Ws=Ne({},ta,{filter:zr}),na=Ne({},Ws,{size:10}),la=Ne({},ta,{show:!1}),Is='12px system-ui, -apple-system, "Segoe UI",\
 Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"',oa="bold "+Is,sa=1.5,kr={
show:!0,scale:"x",stroke:Rs,space:50,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:oa,side:2,grid:Ws,ticks:na,border:la,font:Is,lineGap:sa,rotate:0},
vf="Value",xf="Time",Tr={show:!0,scale:"x",auto:!1,sorted:1,min:ye,max:-ye,idxs:[]};function kf(e,t,n,l,o){return t.map(i=>i==null?"":Hs(i))}function Tf(e,t,n,l,o,i,u){
let r=[],f=gn.get(o)||0;n=u?n:ve(To(n,o),f);for(let p=n;p<=l;p=ve(p+o,f))r.push(Object.is(p,-0)?0:p);return r}function _s(e,t,n,l,o,i,u){let r=[],f=e.scales[e.axes[t].
scale].log,p=f==10?nn:Nr,w=wt(p(n));o=cl(f,w),f==10&&(o=An[Wt(o,An)]);let h=n,b=o*f;f==10&&(b=An[Wt(b,An)]);do r.push(h),h=h+o,f==10&&!gn.has(h)&&(h=ve(h,gn.get(
o))),h>=b&&(o=h,b=o*f,f==10&&(b=An[Wt(b,An)]));while(h<=l);return r}function Sf(e,t,n,l,o,i,u){let f=e.scales[e.axes[t].scale].asinh,p=l>f?_s(e,t,it(f,n),l,o):[
f],w=l>=0&&n<=0?[0]:[];return(n<-f?_s(e,t,it(f,-l),-n,o):[f]).reverse().map(b=>-b).concat(w,p)}var ia=/./,_f=/[12357]/,Mf=/[125]/,Sr=/1/,Ms=(e,t,n,l)=>e.map((o,i)=>t==
4&&o==0||i%l==0&&n.test(o.toExponential()[o<0?1:0])?o:null);function Cf(e,t,n,l,o){let i=e.axes[n],u=i.scale,r=e.scales[u],f=e.valToPos,p=i._space,w=f(10,u),h=f(
9,u)-w>=p?ia:f(7,u)-w>=p?_f:f(5,u)-w>=p?Mf:Sr;if(h==Sr){let b=Ye(f(1,u)-w);if(b<p)return Ms(t.slice().reverse(),r.distr,h,Lt(p/b)).reverse()}return Ms(t,r.distr,
h,1)}function Lf(e,t,n,l,o){let i=e.axes[n],u=i.scale,r=i._space,f=e.valToPos,p=Ye(f(1,u)-f(2,u));return p<r?Ms(t.slice().reverse(),3,ia,Lt(r/p)).reverse():t}function Ef(e,t,n,l){
return l==null?Vs:t==null?"":Hs(t)}var _r={show:!0,scale:"y",stroke:Rs,space:30,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:oa,side:3,grid:Ws,ticks:na,
border:la,font:Is,lineGap:sa,rotate:0};function Rf(e,t){let n=3+(e||1)*2;return ve(n*t,3)}function Vf(e,t){let{scale:n,idxs:l}=e.series[0],o=e._data[0],i=e.valToPos(
o[l[0]],n,!0),u=e.valToPos(o[l[1]],n,!0),r=Ye(u-i),f=e.series[t],p=r/(f.points.space*fe);return l[1]-l[0]<=p}var Mr={scale:null,auto:!0,sorted:0,min:ye,max:-ye},
ra=(e,t,n,l,o)=>o,Cr={show:!0,auto:!0,sorted:0,gaps:ra,alpha:1,facets:[Ne({},Mr,{scale:"x"}),Ne({},Mr,{scale:"y"})]},Lr={scale:"y",auto:!0,sorted:0,show:!0,spanGaps:!1,
gaps:ra,alpha:1,points:{show:Vf,filter:null},values:null,min:ye,max:-ye,idxs:[],path:null,clip:null};function Df(e,t,n,l,o){return n/10}var aa={time:!0,auto:!0,
distr:1,log:10,asinh:1,min:null,max:null,dir:1,ori:0},Af=Ne({},aa,{time:!1,ori:1}),Er={};function ua(e,t){let n=Er[e];return n||(n={key:e,plots:[],sub(l){n.plots.
push(l)},unsub(l){n.plots=n.plots.filter(o=>o!=l)},pub(l,o,i,u,r,f,p){for(let w=0;w<n.plots.length;w++)n.plots[w]!=o&&n.plots[w].pub(l,o,i,u,r,f,p)}},e!=null&&(Er[e]=
n)),n}var pl=1,Cs=2;function On(e,t,n){let l=e.mode,o=e.series[t],i=l==2?e._data[t]:e._data,u=e.scales,r=e.bbox,f=i[0],p=l==2?i[1]:i[t],w=l==2?u[o.facets[0].scale]:
u[e.series[0].scale],h=l==2?u[o.facets[1].scale]:u[o.scale],b=r.left,C=r.top,T=r.width,D=r.height,q=e.valToPosH,B=e.valToPosV;return w.ori==0?n(o,f,p,w,h,q,B,b,
C,T,D,Mo,hl,Lo,fa,pa):n(o,f,p,w,h,B,q,C,b,D,T,Co,gl,Bs,da,ma)}function zs(e,t){let n=0,l=0,o=ae(e.bands,Fs);for(let i=0;i<o.length;i++){let u=o[i];u.series[0]==
t?n=u.dir:u.series[1]==t&&(u.dir==1?l|=1:l|=2)}return[n,l==1?-1:l==2?1:l==3?2:0]}function Pf(e,t,n,l,o){let i=e.mode,u=e.series[t],r=i==2?u.facets[1].scale:u.scale,
f=e.scales[r];return o==-1?f.min:o==1?f.max:f.distr==3?f.dir==1?f.min:f.max:0}function ln(e,t,n,l,o,i){return On(e,t,(u,r,f,p,w,h,b,C,T,D,q)=>{let B=u.pxRound,S=p.
dir*(p.ori==0?1:-1),z=p.ori==0?hl:gl,_,Q;S==1?(_=n,Q=l):(_=l,Q=n);let A=B(h(r[_],p,D,C)),X=B(b(f[_],w,q,T)),Z=B(h(r[Q],p,D,C)),le=B(b(i==1?w.max:w.min,w,q,T)),U=new Path2D(
o);return z(U,Z,le),z(U,A,le),z(U,A,X),U})}function _o(e,t,n,l,o,i){let u=null;if(e.length>0){u=new Path2D;let r=t==0?Lo:Bs,f=n;for(let h=0;h<e.length;h++){let b=e[h];
if(b[1]>b[0]){let C=b[0]-f;C>0&&r(u,f,l,C,l+i),f=b[1]}}let p=n+o-f,w=10;p>0&&r(u,f,l-w/2,p,l+i+w)}return u}function Hf(e,t,n){let l=e[e.length-1];l&&l[0]==t?l[1]=
n:e.push([t,n])}function qs(e,t,n,l,o,i,u){let r=[],f=e.length;for(let p=o==1?n:l;p>=n&&p<=l;p+=o)if(t[p]===null){let h=p,b=p;if(o==1)for(;++p<=l&&t[p]===null;)
b=p;else for(;--p>=n&&t[p]===null;)b=p;let C=i(e[h]),T=b==h?C:i(e[b]),D=h-o;C=u<=0&&D>=0&&D<f?i(e[D]):C;let B=b+o;T=u>=0&&B>=0&&B<f?i(e[B]):T,T>=C&&r.push([C,T])}
return r}function Rr(e){return e==0?Ir:e==1?Ge:t=>Dn(t,e)}function ca(e){let t=e==0?Mo:Co,n=e==0?(o,i,u,r,f,p)=>{o.arcTo(i,u,r,f,p)}:(o,i,u,r,f,p)=>{o.arcTo(u,i,
f,r,p)},l=e==0?(o,i,u,r,f)=>{o.rect(i,u,r,f)}:(o,i,u,r,f)=>{o.rect(u,i,f,r)};return(o,i,u,r,f,p=0,w=0)=>{p==0&&w==0?l(o,i,u,r,f):(p=It(p,r/2,f/2),w=It(w,r/2,f/2),
t(o,i+p,u),n(o,i+r,u,i+r,u+f,p),n(o,i+r,u+f,i,u+f,w),n(o,i,u+f,i,u,w),n(o,i,u,i+r,u,p),o.closePath())}}var Mo=(e,t,n)=>{e.moveTo(t,n)},Co=(e,t,n)=>{e.moveTo(n,t)},
hl=(e,t,n)=>{e.lineTo(t,n)},gl=(e,t,n)=>{e.lineTo(n,t)},Lo=ca(0),Bs=ca(1),fa=(e,t,n,l,o,i)=>{e.arc(t,n,l,o,i)},da=(e,t,n,l,o,i)=>{e.arc(n,t,l,o,i)},pa=(e,t,n,l,o,i,u)=>{
e.bezierCurveTo(t,n,l,o,i,u)},ma=(e,t,n,l,o,i,u)=>{e.bezierCurveTo(n,t,o,l,u,i)};function ha(e){return(t,n,l,o,i)=>On(t,n,(u,r,f,p,w,h,b,C,T,D,q)=>{let{pxRound:B,
points:S}=u,z,_;p.ori==0?(z=Mo,_=fa):(z=Co,_=da);let Q=ve(S.width*fe,3),A=(S.size-S.width)/2*fe,X=ve(A*2,3),Z=new Path2D,le=new Path2D,{left:U,top:M,width:$,height:F}=t.
bbox;Lo(le,U-X,M-X,$+X*2,F+X*2);let K=I=>{if(f[I]!=null){let se=B(h(r[I],p,D,C)),W=B(b(f[I],w,q,T));z(Z,se+A,W),_(Z,se,W,A,0,wo*2)}};if(i)i.forEach(K);else for(let I=l;I<=
o;I++)K(I);return{stroke:Q>0?Z:null,fill:Z,clip:le,flags:pl|Cs}})}function ga(e){return(t,n,l,o,i,u)=>{l!=o&&(i!=l&&u!=l&&e(t,n,l),i!=o&&u!=o&&e(t,n,o),e(t,n,u))}}
var Ff=ga(hl),Of=ga(gl);function wa(e){let t=ae(e?.alignGaps,0);return(n,l,o,i)=>On(n,l,(u,r,f,p,w,h,b,C,T,D,q)=>{[o,i]=xo(f,o,i);let B=u.pxRound,S=F=>B(h(F,p,D,
C)),z=F=>B(b(F,w,q,T)),_,Q;p.ori==0?(_=hl,Q=Ff):(_=gl,Q=Of);let A=p.dir*(p.ori==0?1:-1),X={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:pl},Z=X.
stroke,le=!1;if(i-o>=D*4){let F=O=>n.posToVal(O,p.key,!0),K=null,I=null,se,W,rt,Ee=S(r[A==1?o:i]),ie=S(r[o]),he=S(r[i]),ee=F(A==1?ie+1:he-1);for(let O=A==1?o:i;O>=
o&&O<=i;O+=A){let Ie=r[O],Re=(A==1?Ie<ee:Ie>ee)?Ee:S(Ie),de=f[O];Re==Ee?de!=null?(W=de,K==null?(_(Z,Re,z(W)),se=K=I=W):W<K?K=W:W>I&&(I=W)):de===null&&(le=!0):(K!=
null&&Q(Z,Ee,z(K),z(I),z(se),z(W)),de!=null?(W=de,_(Z,Re,z(W)),K=I=se=W):(K=I=null,de===null&&(le=!0)),Ee=Re,ee=F(Ee+A))}K!=null&&K!=I&&rt!=Ee&&Q(Z,Ee,z(K),z(I),
z(se),z(W))}else for(let F=A==1?o:i;F>=o&&F<=i;F+=A){let K=f[F];K===null?le=!0:K!=null&&_(Z,S(r[F]),z(K))}let[M,$]=zs(n,l);if(u.fill!=null||M!=0){let F=X.fill=new Path2D(
Z),K=u.fillTo(n,l,u.min,u.max,M),I=z(K),se=S(r[o]),W=S(r[i]);A==-1&&([W,se]=[se,W]),_(F,W,I),_(F,se,I)}if(!u.spanGaps){let F=[];le&&F.push(...qs(r,f,o,i,A,S,t)),
X.gaps=F=u.gaps(n,l,o,i,F),X.clip=_o(F,p.ori,C,T,D,q)}return $!=0&&(X.band=$==2?[ln(n,l,o,i,Z,-1),ln(n,l,o,i,Z,1)]:ln(n,l,o,i,Z,$)),X})}function Nf(e){let t=ae(
e.align,1),n=ae(e.ascDesc,!1),l=ae(e.alignGaps,0),o=ae(e.extend,!1);return(i,u,r,f)=>On(i,u,(p,w,h,b,C,T,D,q,B,S,z)=>{[r,f]=xo(h,r,f);let _=p.pxRound,{left:Q,width:A}=i.
bbox,X=ie=>_(T(ie,b,S,q)),Z=ie=>_(D(ie,C,z,B)),le=b.ori==0?hl:gl,U={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:pl},M=U.stroke,$=b.dir*(b.ori==
0?1:-1),F=Z(h[$==1?r:f]),K=X(w[$==1?r:f]),I=K,se=K;o&&t==-1&&(se=Q,le(M,se,F)),le(M,K,F);for(let ie=$==1?r:f;ie>=r&&ie<=f;ie+=$){let he=h[ie];if(he==null)continue;
let ee=X(w[ie]),O=Z(he);t==1?le(M,ee,F):le(M,I,O),le(M,ee,O),F=O,I=ee}let W=I;o&&t==1&&(W=Q+A,le(M,W,F));let[rt,Ee]=zs(i,u);if(p.fill!=null||rt!=0){let ie=U.fill=
new Path2D(M),he=p.fillTo(i,u,p.min,p.max,rt),ee=Z(he);le(ie,W,ee),le(ie,se,ee)}if(!p.spanGaps){let ie=[];ie.push(...qs(w,h,r,f,$,X,l));let he=p.width*fe/2,ee=n||
t==1?he:-he,O=n||t==-1?-he:he;ie.forEach(Ie=>{Ie[0]+=ee,Ie[1]+=O}),U.gaps=ie=p.gaps(i,u,r,f,ie),U.clip=_o(ie,b.ori,q,B,S,z)}return Ee!=0&&(U.band=Ee==2?[ln(i,u,
r,f,M,-1),ln(i,u,r,f,M,1)]:ln(i,u,r,f,M,Ee)),U})}function Vr(e,t,n,l,o,i,u=ye){if(e.length>1){let r=null;for(let f=0,p=1/0;f<e.length;f++)if(t[f]!==void 0){if(r!=
null){let w=Ye(e[f]-e[r]);w<p&&(p=w,u=Ye(n(e[f],l,o,i)-n(e[r],l,o,i)))}r=f}}return u}function Wf(e){e=e||Il;let t=ae(e.size,[.6,ye,1]),n=e.align||0,l=e.gap||0,o=e.
radius;o=o==null?[0,0]:typeof o=="number"?[o,0]:o;let i=oe(o),u=1-t[0],r=ae(t[1],ye),f=ae(t[2],1),p=ae(e.disp,Il),w=ae(e.each,C=>{}),{fill:h,stroke:b}=p;return(C,T,D,q)=>On(
C,T,(B,S,z,_,Q,A,X,Z,le,U,M)=>{let $=B.pxRound,F=n,K=l*fe,I=r*fe,se=f*fe,W,rt;_.ori==0?[W,rt]=i(C,T):[rt,W]=i(C,T);let Ee=_.dir*(_.ori==0?1:-1),ie=_.ori==0?Lo:Bs,
he=_.ori==0?w:(R,xe,ze,Gn,xn,qt,kn)=>{w(R,xe,ze,xn,Gn,kn,qt)},ee=ae(C.bands,Fs).find(R=>R.series[0]==T),O=ee!=null?ee.dir:0,Ie=B.fillTo(C,T,B.min,B.max,O),tt=$(
X(Ie,Q,M,le)),Re,de,Rt,ct=U,De=$(B.width*fe),zt=!1,Jt=null,vt=null,on=null,zn=null;h!=null&&(De==0||b!=null)&&(zt=!0,Jt=h.values(C,T,D,q),vt=new Map,new Set(Jt).
forEach(R=>{R!=null&&vt.set(R,new Path2D)}),De>0&&(on=b.values(C,T,D,q),zn=new Map,new Set(on).forEach(R=>{R!=null&&zn.set(R,new Path2D)})));let{x0:qn,size:_l}=p;
if(qn!=null&&_l!=null){F=1,S=qn.values(C,T,D,q),qn.unit==2&&(S=S.map(ze=>C.posToVal(Z+ze*U,_.key,!0)));let R=_l.values(C,T,D,q);_l.unit==2?de=R[0]*U:de=A(R[0],_,
U,Z)-A(0,_,U,Z),ct=Vr(S,z,A,_,U,Z,ct),Rt=ct-de+K}else ct=Vr(S,z,A,_,U,Z,ct),Rt=ct*u+K,de=ct-Rt;Rt<1&&(Rt=0),De>=de/2&&(De=0),Rt<5&&($=Ir);let no=Rt>0,yn=ct-Rt-(no?
De:0);de=$(Ss(yn,se,I)),Re=(F==0?de/2:F==Ee?0:de)-F*Ee*((F==0?K/2:0)+(no?De/2:0));let nt={stroke:null,fill:null,clip:null,band:null,gaps:null,flags:0},Bn=zt?null:
new Path2D,$t=null;if(ee!=null)$t=C.data[ee.series[1]];else{let{y0:R,y1:xe}=p;R!=null&&xe!=null&&(z=xe.values(C,T,D,q),$t=R.values(C,T,D,q))}let vn=W*de,J=rt*de;
for(let R=Ee==1?D:q;R>=D&&R<=q;R+=Ee){let xe=z[R];if(xe==null)continue;if($t!=null){let at=$t[R]??0;if(xe-at==0)continue;tt=X(at,Q,M,le)}let ze=_.distr!=2||p!=null?
S[R]:R,Gn=A(ze,_,U,Z),xn=X(ae(xe,Ie),Q,M,le),qt=$(Gn-Re),kn=$(it(xn,tt)),ft=$(It(xn,tt)),xt=kn-ft;if(xe!=null){let at=xe<0?J:vn,Vt=xe<0?vn:J;zt?(De>0&&on[R]!=null&&
ie(zn.get(on[R]),qt,ft+wt(De/2),de,it(0,xt-De),at,Vt),Jt[R]!=null&&ie(vt.get(Jt[R]),qt,ft+wt(De/2),de,it(0,xt-De),at,Vt)):ie(Bn,qt,ft+wt(De/2),de,it(0,xt-De),at,
Vt),he(C,T,R,qt-De/2,ft,de+De,xt)}}return De>0?nt.stroke=zt?zn:Bn:zt||(nt._fill=B.width==0?B._fill:B._stroke??B._fill,nt.width=0),nt.fill=zt?vt:Bn,nt})}function If(e,t){
let n=ae(t?.alignGaps,0);return(l,o,i,u)=>On(l,o,(r,f,p,w,h,b,C,T,D,q,B)=>{[i,u]=xo(p,i,u);let S=r.pxRound,z=W=>S(b(W,w,q,T)),_=W=>S(C(W,h,B,D)),Q,A,X;w.ori==0?
(Q=Mo,X=hl,A=pa):(Q=Co,X=gl,A=ma);let Z=w.dir*(w.ori==0?1:-1),le=z(f[Z==1?i:u]),U=le,M=[],$=[];for(let W=Z==1?i:u;W>=i&&W<=u;W+=Z)if(p[W]!=null){let Ee=f[W],ie=z(
Ee);M.push(U=ie),$.push(_(p[W]))}let F={stroke:e(M,$,Q,X,A,S),fill:null,clip:null,band:null,gaps:null,flags:pl},K=F.stroke,[I,se]=zs(l,o);if(r.fill!=null||I!=0){
let W=F.fill=new Path2D(K),rt=r.fillTo(l,o,r.min,r.max,I),Ee=_(rt);X(W,U,Ee),X(W,le,Ee)}if(!r.spanGaps){let W=[];W.push(...qs(f,p,i,u,Z,z,n)),F.gaps=W=r.gaps(l,
o,i,u,W),F.clip=_o(W,w.ori,T,D,q,B)}return se!=0&&(F.band=se==2?[ln(l,o,i,u,K,-1),ln(l,o,i,u,K,1)]:ln(l,o,i,u,K,se)),F})}function zf(e){return If(qf,e)}function qf(e,t,n,l,o,i){
let u=e.length;if(u<2)return null;let r=new Path2D;if(n(r,e[0],t[0]),u==2)l(r,e[1],t[1]);else{let f=Array(u),p=Array(u-1),w=Array(u-1),h=Array(u-1);for(let b=0;b<
u-1;b++)w[b]=t[b+1]-t[b],h[b]=e[b+1]-e[b],p[b]=w[b]/h[b];f[0]=p[0];for(let b=1;b<u-1;b++)p[b]===0||p[b-1]===0||p[b-1]>0!=p[b]>0?f[b]=0:(f[b]=3*(h[b-1]+h[b])/((2*
h[b]+h[b-1])/p[b-1]+(h[b]+2*h[b-1])/p[b]),isFinite(f[b])||(f[b]=0));f[u-1]=p[u-2];for(let b=0;b<u-1;b++)o(r,e[b]+h[b]/3,t[b]+f[b]*h[b]/3,e[b+1]-h[b]/3,t[b+1]-f[b+
1]*h[b]/3,e[b+1],t[b+1])}return r}var Ls=new Set;function Dr(){for(let e of Ls)e.syncRect(!0)}ml&&(Hn(xc,ul,Dr),Hn(kc,ul,Dr,!0),Hn(bo,ul,()=>{Pe.pxRatio=fe}));var Bf=wa(),
Gf=ha();function Ar(e,t,n,l){return(l?[e[0],e[1]].concat(e.slice(2)):[e[0]].concat(e.slice(1))).map((i,u)=>Es(i,u,t,n))}function Yf(e,t){return e.map((n,l)=>l==
0?{}:Ne({},t,n))}function Es(e,t,n,l){return Ne({},t==0?n:l,e)}function ba(e,t,n){return t==null?fl:[t,n]}var Kf=ba;function jf(e,t,n){return t==null?fl:yo(t,n,
Ps,!0)}function ya(e,t,n,l){return t==null?fl:ko(t,n,e.scales[l].log,!1)}var Uf=ya;function va(e,t,n,l){return t==null?fl:As(t,n,e.scales[l].log,!1)}var Zf=va;function Jf(e,t,n,l,o){
let i=it(fr(e),fr(t)),u=t-e,r=Wt(o/l*u,n);do{let f=n[r],p=l*f/u;if(p>=o&&i+(f<5?gn.get(f):0)<=17)return[f,p]}while(++r<n.length);return[0,0]}function Pr(e){let t,
n;return e=e.replace(/(\d+)px/,(l,o)=>(t=Ge((n=+o)*fe))+"px"),[e,t,n]}function $f(e){e.show&&[e.font,e.labelFont].forEach(t=>{let n=ve(t[2]*fe,1);t[0]=t[0].replace(
/[0-9.]+px/,n+"px"),t[1]=n})}function Pe(e,t,n){let l={mode:ae(e.mode,1)},o=l.mode;function i(s,a,c,d){let m=a.valToPct(s);return d+c*(a.dir==-1?1-m:m)}function u(s,a,c,d){
let m=a.valToPct(s);return d+c*(a.dir==-1?m:1-m)}function r(s,a,c,d){return a.ori==0?i(s,a,c,d):u(s,a,c,d)}l.valToPosH=i,l.valToPosV=u;let f=!1;l.status=0;let p=l.
root=Ct(lc);if(e.id!=null&&(p.id=e.id),gt(p,e.class),e.title){let s=Ct(ic,p);s.textContent=e.title}let w=Nt("canvas"),h=l.ctx=w.getContext("2d"),b=Ct(rc,p);Hn("\
click",b,s=>{s.target===T&&(Se!=tl||Ve!=nl)&&Xe.click(l,s)},!0);let C=l.under=Ct(ac,b);b.appendChild(w);let T=l.over=Ct(uc,b);e=dl(e);let D=+ae(e.pxAlign,1),q=Rr(
D);(e.plugins||[]).forEach(s=>{s.opts&&(e=s.opts(l,e)||e)});let B=e.ms||.001,S=l.series=o==1?Ar(e.series||[],Tr,Lr,!1):Yf(e.series||[null],Cr),z=l.axes=Ar(e.axes||
[],kr,_r,!0),_=l.scales={},Q=l.bands=e.bands||[];Q.forEach(s=>{s.fill=oe(s.fill||null),s.dir=ae(s.dir,-1)});let A=o==2?S[1].facets[0].scale:S[0].scale,X={axes:zu,
series:Fu},Z=(e.drawOrder||["axes","series"]).map(s=>X[s]);function le(s){let a=s.distr==3?c=>nn(c>0?c:s.clamp(l,c,s.min,s.max,s.key)):s.distr==4?c=>gs(c,s.asinh):
s.distr==100?c=>s.fwd(c):c=>c;return c=>{let d=a(c),{_min:m,_max:g}=s,y=g-m;return(d-m)/y}}function U(s){let a=_[s];if(a==null){let c=(e.scales||Il)[s]||Il;if(c.
from!=null){U(c.from);let d=Ne({},_[c.from],c,{key:s});d.valToPct=le(d),_[s]=d}else{a=_[s]=Ne({},s==A?aa:Af,c),a.key=s;let d=a.time,m=a.range,g=hn(m);if((s!=A||
o==2&&!d)&&(g&&(m[0]==null||m[1]==null)&&(m={min:m[0]==null?ar:{mode:1,hard:m[0],soft:m[0]},max:m[1]==null?ar:{mode:1,hard:m[1],soft:m[1]}},g=!1),!g&&So(m))){let y=m;
m=(x,k,L)=>k==null?fl:yo(k,L,y)}a.range=oe(m||(d?Kf:s==A?a.distr==3?Uf:a.distr==4?Zf:ba:a.distr==3?ya:a.distr==4?va:jf)),a.auto=oe(g?!1:a.auto),a.clamp=oe(a.clamp||
Df),a._min=a._max=null,a.valToPct=le(a)}}}U("x"),U("y"),o==1&&S.forEach(s=>{U(s.scale)}),z.forEach(s=>{U(s.scale)});for(let s in e.scales)U(s);let M=_[A],$=M.distr,
F,K;M.ori==0?(gt(p,oc),F=i,K=u):(gt(p,sc),F=u,K=i);let I={};for(let s in _){let a=_[s];(a.min!=null||a.max!=null)&&(I[s]={min:a.min,max:a.max},a.min=a.max=null)}
let se=e.tzDate||(s=>new Date(Ge(s/B))),W=e.fmtDate||Os,rt=B==1?of(se):af(se),Ee=yr(se,br(B==1?lf:rf,W)),ie=xr(se,vr(cf,W)),he=[],ee=l.legend=Ne({},pf,e.legend),
O=l.cursor=Ne({},yf,{drag:{y:o==2}},e.cursor),Ie=ee.show,tt=O.show,Re=ee.markers;ee.idxs=he,Re.width=oe(Re.width),Re.dash=oe(Re.dash),Re.stroke=oe(Re.stroke),Re.
fill=oe(Re.fill);let de,Rt,ct,De=[],zt=[],Jt,vt=!1,on={};if(ee.live){let s=S[1]?S[1].values:null;vt=s!=null,Jt=vt?s(l,1,0):{_:0};for(let a in Jt)on[a]=Vs}if(Ie)
if(de=Nt("table",hc,p),ct=Nt("tbody",null,de),ee.mount(l,de),vt){Rt=Nt("thead",null,de,ct);let s=Nt("tr",null,Rt);Nt("th",null,s);for(var zn in Jt)Nt("th",Zi,s).
textContent=zn}else gt(de,wc),ee.live&&gt(de,gc);let qn={show:!0},_l={show:!1};function no(s,a){if(a==0&&(vt||!ee.live||o==2))return fl;let c=[],d=Nt("tr",bc,ct,
ct.childNodes[a]);gt(d,s.class),s.show||gt(d,Pn);let m=Nt("th",null,d);if(Re.show){let x=Ct(yc,m);if(a>0){let k=Re.width(l,a);k&&(x.style.border=k+"px "+Re.dash(
l,a)+" "+Re.stroke(l,a)),x.style.background=Re.fill(l,a)}}let g=Ct(Zi,m);s.label instanceof HTMLElement?g.appendChild(s.label):g.textContent=s.label,a>0&&(Re.show||
(g.style.color=s.width>0?Re.stroke(l,a):Re.fill(l,a)),nt("click",m,x=>{if(O._lock)return;Sn(x);let k=S.indexOf(s);if((x.ctrlKey||x.metaKey)!=ee.isolate){let L=S.
some((E,V)=>V>0&&V!=k&&E.show);S.forEach((E,V)=>{V>0&&Gt(V,L?V==k?qn:_l:qn,!0,Oe.setSeries)})}else Gt(k,{show:!s.show},!0,Oe.setSeries)},!1),Kn&&nt(Xi,m,x=>{O._lock||
(Sn(x),Gt(S.indexOf(s),ol,!0,Oe.setSeries))},!1));for(var y in Jt){let x=Nt("td",vc,d);x.textContent="--",c.push(x)}return[d,c]}let yn=new Map;function nt(s,a,c,d=!0){
let m=yn.get(a)||{},g=O.bind[s](l,a,c,d);g&&(Hn(s,a,m[s]=g),yn.set(a,m))}function Bn(s,a,c){let d=yn.get(a)||{};for(let m in d)(s==null||m==s)&&(Ts(m,a,d[m]),delete d[m]);
s==null&&yn.delete(a)}let $t=0,vn=0,J=0,R=0,xe=0,ze=0,Gn=xe,xn=ze,qt=J,kn=R,ft=0,xt=0,at=0,Vt=0;l.bbox={};let Io=!1,lo=!1,Yn=!1,Tn=!1,oo=!1,kt=!1;function zo(s,a,c){
(c||s!=l.width||a!=l.height)&&hi(s,a),$n(!1),Yn=!0,lo=!0,Qn()}function hi(s,a){l.width=$t=J=s,l.height=vn=R=a,xe=ze=0,Eu(),Ru();let c=l.bbox;ft=c.left=Dn(xe*fe,
.5),xt=c.top=Dn(ze*fe,.5),at=c.width=Dn(J*fe,.5),Vt=c.height=Dn(R*fe,.5)}let Mu=3;function Cu(){let s=!1,a=0;for(;!s;){a++;let c=Wu(a),d=Iu(a);s=a==Mu||c&&d,s||
(hi(l.width,l.height),lo=!0)}}function Lu({width:s,height:a}){zo(s,a)}l.setSize=Lu;function Eu(){let s=!1,a=!1,c=!1,d=!1;z.forEach((m,g)=>{if(m.show&&m._show){let{
side:y,_size:x}=m,k=y%2,L=m.label!=null?m.labelSize:0,E=x+L;E>0&&(k?(J-=E,y==3?(xe+=E,d=!0):c=!0):(R-=E,y==0?(ze+=E,s=!0):a=!0))}}),_n[0]=s,_n[1]=c,_n[2]=a,_n[3]=
d,J-=sn[1]+sn[3],xe+=sn[3],R-=sn[2]+sn[0],ze+=sn[0]}function Ru(){let s=xe+J,a=ze+R,c=xe,d=ze;function m(g,y){switch(g){case 1:return s+=y,s-y;case 2:return a+=
y,a-y;case 3:return c-=y,c+y;case 0:return d-=y,d+y}}z.forEach((g,y)=>{if(g.show&&g._show){let x=g.side;g._pos=m(x,g._size),g.label!=null&&(g._lpos=m(x,g.labelSize))}})}
if(O.dataIdx==null){let s=O.hover,a=s.skip=new Set(s.skip??[]);a.add(void 0);let c=s.prox=oe(s.prox),d=s.bias??=0;O.dataIdx=(m,g,y,x)=>{if(g==0)return y;let k=y,
L=c(m,g,y,x)??ye,E=L>=0&&L<ye,V=M.ori==0?J:R,j=O.left,ue=t[0],re=t[g];if(a.has(re[y])){k=null;let te=null,G=null,N;if(d==0||d==-1)for(N=y;te==null&&N-- >0;)a.has(
re[N])||(te=N);if(d==0||d==1)for(N=y;G==null&&N++<re.length;)a.has(re[N])||(G=N);if(te!=null||G!=null)if(E){let Me=te==null?-1/0:F(ue[te],M,V,0),He=G==null?1/0:
F(ue[G],M,V,0),$e=j-Me,ge=He-j;$e<=ge?$e<=L&&(k=te):ge<=L&&(k=G)}else k=G==null?te:te==null?G:y-te<=G-y?te:G}else E&&Ye(j-F(ue[y],M,V,0))>L&&(k=null);return k}}
let Sn=s=>{O.event=s};O.idxs=he,O._lock=!1;let et=O.points;et.show=oe(et.show),et.size=oe(et.size),et.stroke=oe(et.stroke),et.width=oe(et.width),et.fill=oe(et.fill);
let Bt=l.focus=Ne({},e.focus||{alpha:.3},O.focus),Kn=Bt.prox>=0,jn=Kn&&et.one,Tt=[],Un=[],Zn=[];function gi(s,a){let c=et.show(l,a);if(c instanceof HTMLElement)
return gt(c,mc),gt(c,s.class),Zt(c,-10,-10,J,R),T.insertBefore(c,Tt[a]),c}function wi(s,a){if(o==1||a>0){let c=o==1&&_[s.scale].time,d=s.value;s.value=c?mr(d)?xr(
se,vr(d,W)):d||ie:d||Ef,s.label=s.label||(c?xf:vf)}if(jn||a>0){s.width=s.width==null?1:s.width,s.paths=s.paths||Bf||Dc,s.fillTo=oe(s.fillTo||Pf),s.pxAlign=+ae(s.
pxAlign,D),s.pxRound=Rr(s.pxAlign),s.stroke=oe(s.stroke||null),s.fill=oe(s.fill||null),s._stroke=s._fill=s._paths=s._focus=null;let c=Rf(it(1,s.width),1),d=s.points=
Ne({},{size:c,width:it(1,c*.2),stroke:s.stroke,space:c*2,paths:Gf,_stroke:null,_fill:null},s.points);d.show=oe(d.show),d.filter=oe(d.filter),d.fill=oe(d.fill),d.
stroke=oe(d.stroke),d.paths=oe(d.paths),d.pxAlign=s.pxAlign}if(Ie){let c=no(s,a);De.splice(a,0,c[0]),zt.splice(a,0,c[1]),ee.values.push(null)}if(tt){he.splice(a,
0,null);let c=null;jn?a==0&&(c=gi(s,a)):a>0&&(c=gi(s,a)),Tt.splice(a,0,c),Un.splice(a,0,0),Zn.splice(a,0,0)}Je("addSeries",a)}function Vu(s,a){a=a??S.length,s=o==
1?Es(s,a,Tr,Lr):Es(s,a,{},Cr),S.splice(a,0,s),wi(S[a],a)}l.addSeries=Vu;function Du(s){if(S.splice(s,1),Ie){ee.values.splice(s,1),zt.splice(s,1);let a=De.splice(
s,1)[0];Bn(null,a.firstChild),a.remove()}tt&&(he.splice(s,1),Tt.splice(s,1)[0].remove(),Un.splice(s,1),Zn.splice(s,1)),Je("delSeries",s)}l.delSeries=Du;let _n=[
!1,!1,!1,!1];function Au(s,a){if(s._show=s.show,s.show){let c=s.side%2,d=_[s.scale];d==null&&(s.scale=c?S[1].scale:A,d=_[s.scale]);let m=d.time;s.size=oe(s.size),
s.space=oe(s.space),s.rotate=oe(s.rotate),hn(s.incrs)&&s.incrs.forEach(y=>{!gn.has(y)&&gn.set(y,Br(y))}),s.incrs=oe(s.incrs||(d.distr==2?ef:m?B==1?nf:sf:An)),s.
splits=oe(s.splits||(m&&d.distr==1?rt:d.distr==3?_s:d.distr==4?Sf:Tf)),s.stroke=oe(s.stroke),s.grid.stroke=oe(s.grid.stroke),s.ticks.stroke=oe(s.ticks.stroke),s.
border.stroke=oe(s.border.stroke);let g=s.values;s.values=hn(g)&&!hn(g[0])?oe(g):m?hn(g)?yr(se,br(g,W)):mr(g)?uf(se,g):g||Ee:g||kf,s.filter=oe(s.filter||(d.distr>=
3&&d.log==10?Cf:d.distr==3&&d.log==2?Lf:zr)),s.font=Pr(s.font),s.labelFont=Pr(s.labelFont),s._size=s.size(l,null,a,0),s._space=s._rotate=s._incrs=s._found=s._splits=
s._values=null,s._size>0&&(_n[a]=!0,s._el=Ct(cc,b))}}function Ml(s,a,c,d){let[m,g,y,x]=c,k=a%2,L=0;return k==0&&(x||g)&&(L=a==0&&!m||a==2&&!y?Ge(kr.size/3):0),k==
1&&(m||y)&&(L=a==1&&!g||a==3&&!x?Ge(_r.size/2):0),L}let bi=l.padding=(e.padding||[Ml,Ml,Ml,Ml]).map(s=>oe(ae(s,Ml))),sn=l._padding=bi.map((s,a)=>s(l,a,_n,0)),Qe,
Ke=null,je=null,so=o==1?S[0].idxs:null,Dt=null,Cl=!1;function yi(s,a){if(t=s??[],l.data=l._data=t,o==2){Qe=0;for(let c=1;c<S.length;c++)Qe+=t[c][0].length}else{
t.length==0&&(l.data=l._data=t=[[]]),Dt=t[0],Qe=Dt.length;let c=t;if($==2){c=t.slice();let d=c[0]=Array(Qe);for(let m=0;m<Qe;m++)d[m]=m}l._data=t=c}if($n(!0),Je(
"setData"),$==2&&(Yn=!0),a!==!1){let c=M;c.auto(l,Cl)?qo():an(A,c.min,c.max),Tn=Tn||O.left>=0,kt=!0,Qn()}}l.setData=yi;function qo(){Cl=!0;let s,a;o==1&&(Qe>0?(Ke=
so[0]=0,je=so[1]=Qe-1,s=t[0][Ke],a=t[0][je],$==2?(s=Ke,a=je):s==a&&($==3?[s,a]=ko(s,s,M.log,!1):$==4?[s,a]=As(s,s,M.log,!1):M.time?a=s+Ge(86400/B):[s,a]=yo(s,a,
Ps,!0))):(Ke=so[0]=s=null,je=so[1]=a=null)),an(A,s,a)}let io,Jn,Bo,Go,Yo,Ko,jo,Uo,Zo,ut;function vi(s,a,c,d,m,g){s??=$i,c??=Fs,d??="butt",m??=$i,g??="round",s!=
io&&(h.strokeStyle=io=s),m!=Jn&&(h.fillStyle=Jn=m),a!=Bo&&(h.lineWidth=Bo=a),g!=Yo&&(h.lineJoin=Yo=g),d!=Ko&&(h.lineCap=Ko=d),c!=Go&&h.setLineDash(Go=c)}function xi(s,a,c,d){
a!=Jn&&(h.fillStyle=Jn=a),s!=jo&&(h.font=jo=s),c!=Uo&&(h.textAlign=Uo=c),d!=Zo&&(h.textBaseline=Zo=d)}function Jo(s,a,c,d,m=0){if(d.length>0&&s.auto(l,Cl)&&(a==
null||a.min==null)){let g=ae(Ke,0),y=ae(je,d.length-1),x=c.min==null?Mc(d,g,y,m,s.distr==3):[c.min,c.max];s.min=It(s.min,c.min=x[0]),s.max=it(s.max,c.max=x[1])}}
let ki={min:null,max:null};function Pu(){for(let d in _){let m=_[d];I[d]==null&&(m.min==null||I[A]!=null&&m.auto(l,Cl))&&(I[d]=ki)}for(let d in _){let m=_[d];I[d]==
null&&m.from!=null&&I[m.from]!=null&&(I[d]=ki)}I[A]!=null&&$n(!0);let s={};for(let d in I){let m=I[d];if(m!=null){let g=s[d]=dl(_[d],Hc);if(m.min!=null)Ne(g,m);else if(d!=
A||o==2)if(Qe==0&&g.from==null){let y=g.range(l,null,null,d);g.min=y[0],g.max=y[1]}else g.min=ye,g.max=-ye}}if(Qe>0){S.forEach((d,m)=>{if(o==1){let g=d.scale,y=I[g];
if(y==null)return;let x=s[g];if(m==0){let k=x.range(l,x.min,x.max,g);x.min=k[0],x.max=k[1],Ke=Wt(x.min,t[0]),je=Wt(x.max,t[0]),je-Ke>1&&(t[0][Ke]<x.min&&Ke++,t[0][je]>
x.max&&je--),d.min=Dt[Ke],d.max=Dt[je]}else d.show&&d.auto&&Jo(x,y,d,t[m],d.sorted);d.idxs[0]=Ke,d.idxs[1]=je}else if(m>0&&d.show&&d.auto){let[g,y]=d.facets,x=g.
scale,k=y.scale,[L,E]=t[m],V=s[x],j=s[k];V!=null&&Jo(V,I[x],g,L,g.sorted),j!=null&&Jo(j,I[k],y,E,y.sorted),d.min=y.min,d.max=y.max}});for(let d in s){let m=s[d],
g=I[d];if(m.from==null&&(g==null||g.min==null)){let y=m.range(l,m.min==ye?null:m.min,m.max==-ye?null:m.max,d);m.min=y[0],m.max=y[1]}}}for(let d in s){let m=s[d];
if(m.from!=null){let g=s[m.from];if(g.min==null)m.min=m.max=null;else{let y=m.range(l,g.min,g.max,d);m.min=y[0],m.max=y[1]}}}let a={},c=!1;for(let d in s){let m=s[d],
g=_[d];if(g.min!=m.min||g.max!=m.max){g.min=m.min,g.max=m.max;let y=g.distr;g._min=y==3?nn(g.min):y==4?gs(g.min,g.asinh):y==100?g.fwd(g.min):g.min,g._max=y==3?nn(
g.max):y==4?gs(g.max,g.asinh):y==100?g.fwd(g.max):g.max,a[d]=c=!0}}if(c){S.forEach((d,m)=>{o==2?m>0&&a.y&&(d._paths=null):a[d.scale]&&(d._paths=null)});for(let d in a)
Yn=!0,Je("setScale",d);tt&&O.left>=0&&(Tn=kt=!0)}for(let d in I)I[d]=null}function Hu(s){let a=Ss(Ke-1,0,Qe-1),c=Ss(je+1,0,Qe-1);for(;s[a]==null&&a>0;)a--;for(;s[c]==
null&&c<Qe-1;)c++;return[a,c]}function Fu(){if(Qe>0){let s=S.some(a=>a._focus)&&ut!=Bt.alpha;s&&(h.globalAlpha=ut=Bt.alpha),S.forEach((a,c)=>{if(c>0&&a.show&&(Ti(
c,!1),Ti(c,!0),a._paths==null)){let d=ut;ut!=a.alpha&&(h.globalAlpha=ut=a.alpha);let m=o==2?[0,t[c][0].length-1]:Hu(t[c]);a._paths=a.paths(l,c,m[0],m[1]),ut!=d&&
(h.globalAlpha=ut=d)}}),S.forEach((a,c)=>{if(c>0&&a.show){let d=ut;ut!=a.alpha&&(h.globalAlpha=ut=a.alpha),a._paths!=null&&Si(c,!1);{let m=a._paths!=null?a._paths.
gaps:null,g=a.points.show(l,c,Ke,je,m),y=a.points.filter(l,c,g,m);(g||y)&&(a.points._paths=a.points.paths(l,c,Ke,je,y),Si(c,!0))}ut!=d&&(h.globalAlpha=ut=d),Je(
"drawSeries",c)}}),s&&(h.globalAlpha=ut=1)}}function Ti(s,a){let c=a?S[s].points:S[s];c._stroke=c.stroke(l,s),c._fill=c.fill(l,s)}function Si(s,a){let c=a?S[s].
points:S[s],{stroke:d,fill:m,clip:g,flags:y,_stroke:x=c._stroke,_fill:k=c._fill,_width:L=c.width}=c._paths;L=ve(L*fe,3);let E=null,V=L%2/2;a&&k==null&&(k=L>0?"#\
fff":x);let j=c.pxAlign==1&&V>0;if(j&&h.translate(V,V),!a){let ue=ft-L/2,re=xt-L/2,te=at+L,G=Vt+L;E=new Path2D,E.rect(ue,re,te,G)}a?$o(x,L,c.dash,c.cap,k,d,m,y,
g):Ou(s,x,L,c.dash,c.cap,k,d,m,y,E,g),j&&h.translate(-V,-V)}function Ou(s,a,c,d,m,g,y,x,k,L,E){let V=!1;k!=0&&Q.forEach((j,ue)=>{if(j.series[0]==s){let re=S[j.series[1]],
te=t[j.series[1]],G=(re._paths||Il).band;hn(G)&&(G=j.dir==1?G[0]:G[1]);let N,Me=null;re.show&&G&&Lc(te,Ke,je)?(Me=j.fill(l,ue)||g,N=re._paths.clip):G=null,$o(a,
c,d,m,Me,y,x,k,L,E,N,G),V=!0}}),V||$o(a,c,d,m,g,y,x,k,L,E)}let _i=pl|Cs;function $o(s,a,c,d,m,g,y,x,k,L,E,V){vi(s,a,c,d,m),(k||L||V)&&(h.save(),k&&h.clip(k),L&&
h.clip(L)),V?(x&_i)==_i?(h.clip(V),E&&h.clip(E),ao(m,y),ro(s,g,a)):x&Cs?(ao(m,y),h.clip(V),ro(s,g,a)):x&pl&&(h.save(),h.clip(V),E&&h.clip(E),ao(m,y),h.restore(),
ro(s,g,a)):(ao(m,y),ro(s,g,a)),(k||L||V)&&h.restore()}function ro(s,a,c){c>0&&(a instanceof Map?a.forEach((d,m)=>{h.strokeStyle=io=m,h.stroke(d)}):a!=null&&s&&h.
stroke(a))}function ao(s,a){a instanceof Map?a.forEach((c,d)=>{h.fillStyle=Jn=d,h.fill(c)}):a!=null&&s&&h.fill(a)}function Nu(s,a,c,d){let m=z[s],g;if(d<=0)g=[0,
0];else{let y=m._space=m.space(l,s,a,c,d),x=m._incrs=m.incrs(l,s,a,c,d,y);g=Jf(a,c,x,d,y)}return m._found=g}function Qo(s,a,c,d,m,g,y,x,k,L){let E=y%2/2;D==1&&h.
translate(E,E),vi(x,y,k,L,x),h.beginPath();let V,j,ue,re,te=m+(d==0||d==3?-g:g);c==0?(j=m,re=te):(V=m,ue=te);for(let G=0;G<s.length;G++)a[G]!=null&&(c==0?V=ue=s[G]:
j=re=s[G],h.moveTo(V,j),h.lineTo(ue,re));h.stroke(),D==1&&h.translate(-E,-E)}function Wu(s){let a=!0;return z.forEach((c,d)=>{if(!c.show)return;let m=_[c.scale];
if(m.min==null){c._show&&(a=!1,c._show=!1,$n(!1));return}else c._show||(a=!1,c._show=!0,$n(!1));let g=c.side,y=g%2,{min:x,max:k}=m,[L,E]=Nu(d,x,k,y==0?J:R);if(E==
0)return;let V=m.distr==2,j=c._splits=c.splits(l,d,x,k,L,E,V),ue=m.distr==2?j.map(N=>Dt[N]):j,re=m.distr==2?Dt[j[1]]-Dt[j[0]]:L,te=c._values=c.values(l,c.filter(
l,ue,d,E,re),d,E,re);c._rotate=g==2?c.rotate(l,te,d,E):0;let G=c._size;c._size=Lt(c.size(l,te,d,s)),G!=null&&c._size!=G&&(a=!1)}),a}function Iu(s){let a=!0;return bi.
forEach((c,d)=>{let m=c(l,d,_n,s);m!=sn[d]&&(a=!1),sn[d]=m}),a}function zu(){for(let s=0;s<z.length;s++){let a=z[s];if(!a.show||!a._show)continue;let c=a.side,d=c%
2,m,g,y=a.stroke(l,s),x=c==0||c==3?-1:1,[k,L]=a._found;if(a.label!=null){let ot=a.labelGap*x,mt=Ge((a._lpos+ot)*fe);xi(a.labelFont[0],y,"center",c==2?"top":Ji),
h.save(),d==1?(m=g=0,h.translate(mt,Ge(xt+Vt/2)),h.rotate((c==3?-wo:wo)/2)):(m=Ge(ft+at/2),g=mt);let Ln=Wr(a.label)?a.label(l,s,k,L):a.label;h.fillText(Ln,m,g),
h.restore()}if(L==0)continue;let E=_[a.scale],V=d==0?at:Vt,j=d==0?ft:xt,ue=a._splits,re=E.distr==2?ue.map(ot=>Dt[ot]):ue,te=E.distr==2?Dt[ue[1]]-Dt[ue[0]]:k,G=a.
ticks,N=a.border,Me=G.show?G.size:0,He=Ge(Me*fe),$e=Ge((a.alignTo==2?a._size-Me-a.gap:a.gap)*fe),ge=a._rotate*-wo/180,Fe=q(a._pos*fe),dt=(He+$e)*x,lt=Fe+dt;g=d==
0?lt:0,m=d==1?lt:0;let St=a.font[0],At=a.align==1?rl:a.align==2?ps:ge>0?rl:ge<0?ps:d==0?"center":c==3?ps:rl,Kt=ge||d==1?"middle":c==2?"top":Ji;xi(St,y,At,Kt);let pt=a.
font[1]*a.lineGap,_t=ue.map(ot=>q(r(ot,E,V,j))),Pt=a._values;for(let ot=0;ot<Pt.length;ot++){let mt=Pt[ot];if(mt!=null){d==0?m=_t[ot]:g=_t[ot],mt=""+mt;let Ln=mt.
indexOf(`
`)==-1?[mt]:mt.split(/\n/gm);for(let st=0;st<Ln.length;st++){let Gi=Ln[st];ge?(h.save(),h.translate(m,g+st*pt),h.rotate(ge),h.fillText(Gi,0,0),h.restore()):h.fillText(
Gi,m,g+st*pt)}}}G.show&&Qo(_t,G.filter(l,re,s,L,te),d,c,Fe,He,ve(G.width*fe,3),G.stroke(l,s),G.dash,G.cap);let jt=a.grid;jt.show&&Qo(_t,jt.filter(l,re,s,L,te),d,
d==0?2:1,d==0?xt:ft,d==0?Vt:at,ve(jt.width*fe,3),jt.stroke(l,s),jt.dash,jt.cap),N.show&&Qo([Fe],[1],d==0?1:0,d==0?1:2,d==1?xt:ft,d==1?Vt:at,ve(N.width*fe,3),N.stroke(
l,s),N.dash,N.cap)}Je("drawAxes")}function $n(s){S.forEach((a,c)=>{c>0&&(a._paths=null,s&&(o==1?(a.min=null,a.max=null):a.facets.forEach(d=>{d.min=null,d.max=null})))})}
let uo=!1,Xo=!1,Ll=[];function qu(){Xo=!1;for(let s=0;s<Ll.length;s++)Je(...Ll[s]);Ll.length=0}function Qn(){uo||(qc(Mi),uo=!0)}function Bu(s,a=!1){uo=!0,Xo=a,s(
l),Mi(),a&&Ll.length>0&&queueMicrotask(qu)}l.batch=Bu;function Mi(){if(Io&&(Pu(),Io=!1),Yn&&(Cu(),Yn=!1),lo){if(Ce(C,rl,xe),Ce(C,"top",ze),Ce(C,Fl,J),Ce(C,Ol,R),
Ce(T,rl,xe),Ce(T,"top",ze),Ce(T,Fl,J),Ce(T,Ol,R),Ce(b,Fl,$t),Ce(b,Ol,vn),w.width=Ge($t*fe),w.height=Ge(vn*fe),z.forEach(({_el:s,_show:a,_size:c,_pos:d,side:m})=>{
if(s!=null)if(a){let g=m===3||m===0?c:0,y=m%2==1;Ce(s,y?"left":"top",d-g),Ce(s,y?"width":"height",c),Ce(s,y?"top":"left",y?ze:xe),Ce(s,y?"height":"width",y?R:J),
ks(s,Pn)}else gt(s,Pn)}),io=Jn=Bo=Yo=Ko=jo=Uo=Zo=Go=null,ut=1,Vl(!0),xe!=Gn||ze!=xn||J!=qt||R!=kn){$n(!1);let s=J/qt,a=R/kn;if(tt&&!Tn&&O.left>=0){O.left*=s,O.top*=
a,Xn&&Zt(Xn,Ge(O.left),0,J,R),el&&Zt(el,0,Ge(O.top),J,R);for(let c=0;c<Tt.length;c++){let d=Tt[c];d!=null&&(Un[c]*=s,Zn[c]*=a,Zt(d,Lt(Un[c]),Lt(Zn[c]),J,R))}}if(_e.
show&&!oo&&_e.left>=0&&_e.width>0){_e.left*=s,_e.width*=s,_e.top*=a,_e.height*=a;for(let c in ss)Ce(ll,c,_e[c])}Gn=xe,xn=ze,qt=J,kn=R}Je("setSize"),lo=!1}$t>0&&
vn>0&&(h.clearRect(0,0,w.width,w.height),Je("drawClear"),Z.forEach(s=>s()),Je("draw")),_e.show&&oo&&(co(_e),oo=!1),tt&&Tn&&(Cn(null,!0,!1),Tn=!1),ee.show&&ee.live&&
kt&&(ls(),kt=!1),f||(f=!0,l.status=1,Je("ready")),Cl=!1,uo=!1}l.redraw=(s,a)=>{Yn=a||!1,s!==!1?an(A,M.min,M.max):Qn()};function es(s,a){let c=_[s];if(c.from==null){
if(Qe==0){let d=c.range(l,a.min,a.max,s);a.min=d[0],a.max=d[1]}if(a.min>a.max){let d=a.min;a.min=a.max,a.max=d}if(Qe>1&&a.min!=null&&a.max!=null&&a.max-a.min<1e-16)
return;s==A&&c.distr==2&&Qe>0&&(a.min=Wt(a.min,t[0]),a.max=Wt(a.max,t[0]),a.min==a.max&&a.max++),I[s]=a,Io=!0,Qn()}}l.setScale=es;let ts,ns,Xn,el,Ci,Li,tl,nl,Ei,
Ri,Se,Ve,rn=!1,Xe=O.drag,Ue=Xe.x,Ze=Xe.y;tt&&(O.x&&(ts=Ct(dc,T)),O.y&&(ns=Ct(pc,T)),M.ori==0?(Xn=ts,el=ns):(Xn=ns,el=ts),Se=O.left,Ve=O.top);let _e=l.select=Ne(
{show:!0,over:!0,left:0,width:0,top:0,height:0},e.select),ll=_e.show?Ct(fc,_e.over?T:C):null;function co(s,a){if(_e.show){for(let c in s)_e[c]=s[c],c in ss&&Ce(
ll,c,s[c]);a!==!1&&Je("setSelect")}}l.setSelect=co;function Gu(s){if(S[s].show)Ie&&ks(De[s],Pn);else if(Ie&&gt(De[s],Pn),tt){let c=jn?Tt[0]:Tt[s];c!=null&&Zt(c,
-10,-10,J,R)}}function an(s,a,c){es(s,{min:a,max:c})}function Gt(s,a,c,d){a.focus!=null&&Zu(s),a.show!=null&&S.forEach((m,g)=>{g>0&&(s==g||s==null)&&(m.show=a.show,
Gu(g),o==2?(an(m.facets[0].scale,null,null),an(m.facets[1].scale,null,null)):an(m.scale,null,null),Qn())}),c!==!1&&Je("setSeries",s,a),d&&Dl("setSeries",l,s,a)}
l.setSeries=Gt;function Yu(s,a){Ne(Q[s],a)}function Ku(s,a){s.fill=oe(s.fill||null),s.dir=ae(s.dir,-1),a=a??Q.length,Q.splice(a,0,s)}function ju(s){s==null?Q.length=
0:Q.splice(s,1)}l.addBand=Ku,l.setBand=Yu,l.delBand=ju;function Uu(s,a){S[s].alpha=a,tt&&Tt[s]!=null&&(Tt[s].style.opacity=a),Ie&&De[s]&&(De[s].style.opacity=a)}
let Qt,un,Mn,ol={focus:!0};function Zu(s){if(s!=Mn){let a=s==null,c=Bt.alpha!=1;S.forEach((d,m)=>{if(o==1||m>0){let g=a||m==0||m==s;d._focus=a?null:g,c&&Uu(m,g?
1:Bt.alpha)}}),Mn=s,c&&Qn()}}Ie&&Kn&&nt(er,de,s=>{O._lock||(Sn(s),Mn!=null&&Gt(null,ol,!0,Oe.setSeries))});function Yt(s,a,c){let d=_[a];c&&(s=s/fe-(d.ori==1?ze:
xe));let m=J;d.ori==1&&(m=R,s=m-s),d.dir==-1&&(s=m-s);let g=d._min,y=d._max,x=s/m,k=g+(y-g)*x,L=d.distr;return L==3?cl(10,k):L==4?Rc(k,d.asinh):L==100?d.bwd(k):
k}function Ju(s,a){let c=Yt(s,A,a);return Wt(c,t[0],Ke,je)}l.valToIdx=s=>Wt(s,t[0]),l.posToIdx=Ju,l.posToVal=Yt,l.valToPos=(s,a,c)=>_[a].ori==0?i(s,_[a],c?at:J,
c?ft:0):u(s,_[a],c?Vt:R,c?xt:0),l.setCursor=(s,a,c)=>{Se=s.left,Ve=s.top,Cn(null,a,c)};function Vi(s,a){Ce(ll,rl,_e.left=s),Ce(ll,Fl,_e.width=a)}function Di(s,a){
Ce(ll,"top",_e.top=s),Ce(ll,Ol,_e.height=a)}let El=M.ori==0?Vi:Di,Rl=M.ori==1?Vi:Di;function $u(){if(Ie&&ee.live)for(let s=o==2?1:0;s<S.length;s++){if(s==0&&vt)
continue;let a=ee.values[s],c=0;for(let d in a)zt[s][c++].firstChild.nodeValue=a[d]}}function ls(s,a){if(s!=null&&(s.idxs?s.idxs.forEach((c,d)=>{he[d]=c}):Pc(s.
idx)||he.fill(s.idx),ee.idx=he[0]),Ie&&ee.live){for(let c=0;c<S.length;c++)(c>0||o==1&&!vt)&&Qu(c,he[c]);$u()}kt=!1,a!==!1&&Je("setLegend")}l.setLegend=ls;function Qu(s,a){
let c=S[s],d=s==0&&$==2?Dt:t[s],m;vt?m=c.values(l,s,a)??on:(m=c.value(l,a==null?null:d[a],s,a),m=m==null?on:{_:m}),ee.values[s]=m}function Cn(s,a,c){Ei=Se,Ri=Ve,
[Se,Ve]=O.move(l,Se,Ve),O.left=Se,O.top=Ve,tt&&(Xn&&Zt(Xn,Ge(Se),0,J,R),el&&Zt(el,0,Ge(Ve),J,R));let d,m=Ke>je;Qt=ye,un=null;let g=M.ori==0?J:R,y=M.ori==1?J:R;if(Se<
0||Qe==0||m){d=O.idx=null;for(let x=0;x<S.length;x++){let k=Tt[x];k!=null&&Zt(k,-10,-10,J,R)}Kn&&Gt(null,ol,!0,s==null&&Oe.setSeries),ee.live&&(he.fill(d),kt=!0)}else{
let x,k,L;o==1&&(x=M.ori==0?Se:Ve,k=Yt(x,A),d=O.idx=Wt(k,t[0],Ke,je),L=F(t[0][d],M,g,0));let E=-10,V=-10,j=0,ue=0,re=!0,te="",G="";for(let N=o==2?1:0;N<S.length;N++){
let Me=S[N],He=he[N],$e=He==null?null:o==1?t[N][He]:t[N][1][He],ge=O.dataIdx(l,N,d,k),Fe=ge==null?null:o==1?t[N][ge]:t[N][1][ge];if(kt=kt||Fe!=$e||ge!=He,he[N]=
ge,N>0&&Me.show){let dt=ge==null?-10:ge==d?L:F(o==1?t[0][ge]:t[N][0][ge],M,g,0),lt=Fe==null?-10:K(Fe,o==1?_[Me.scale]:_[Me.facets[1].scale],y,0);if(Kn&&Fe!=null){
let St=M.ori==1?Se:Ve,At=Ye(Bt.dist(l,N,ge,lt,St));if(At<Qt){let Kt=Bt.bias;if(Kt!=0){let pt=Yt(St,Me.scale),_t=Fe>=0?1:-1,Pt=pt>=0?1:-1;Pt==_t&&(Pt==1?Kt==1?Fe>=
pt:Fe<=pt:Kt==1?Fe<=pt:Fe>=pt)&&(Qt=At,un=N)}else Qt=At,un=N}}if(kt||jn){let St,At;M.ori==0?(St=dt,At=lt):(St=lt,At=dt);let Kt,pt,_t,Pt,jt,ot,mt=!0,Ln=et.bbox;if(Ln!=
null){mt=!1;let st=Ln(l,N);_t=st.left,Pt=st.top,Kt=st.width,pt=st.height}else _t=St,Pt=At,Kt=pt=et.size(l,N);if(ot=et.fill(l,N),jt=et.stroke(l,N),jn)N==un&&Qt<=
Bt.prox&&(E=_t,V=Pt,j=Kt,ue=pt,re=mt,te=ot,G=jt);else{let st=Tt[N];st!=null&&(Un[N]=_t,Zn[N]=Pt,rr(st,Kt,pt,mt),sr(st,ot,jt),Zt(st,Lt(_t),Lt(Pt),J,R))}}}}if(jn){
let N=Bt.prox,Me=Mn==null?Qt<=N:Qt>N||un!=Mn;if(kt||Me){let He=Tt[0];He!=null&&(Un[0]=E,Zn[0]=V,rr(He,j,ue,re),sr(He,te,G),Zt(He,Lt(E),Lt(V),J,R))}}}if(_e.show&&
rn)if(s!=null){let[x,k]=Oe.scales,[L,E]=Oe.match,[V,j]=s.cursor.sync.scales,ue=s.cursor.drag;if(Ue=ue._x,Ze=ue._y,Ue||Ze){let{left:re,top:te,width:G,height:N}=s.
select,Me=s.scales[V].ori,He=s.posToVal,$e,ge,Fe,dt,lt,St=x!=null&&L(x,V),At=k!=null&&E(k,j);St&&Ue?(Me==0?($e=re,ge=G):($e=te,ge=N),Fe=_[x],dt=F(He($e,V),Fe,g,
0),lt=F(He($e+ge,V),Fe,g,0),El(It(dt,lt),Ye(lt-dt))):El(0,g),At&&Ze?(Me==1?($e=re,ge=G):($e=te,ge=N),Fe=_[k],dt=K(He($e,j),Fe,y,0),lt=K(He($e+ge,j),Fe,y,0),Rl(It(
dt,lt),Ye(lt-dt))):Rl(0,y)}else is()}else{let x=Ye(Ei-Ci),k=Ye(Ri-Li);if(M.ori==1){let j=x;x=k,k=j}Ue=Xe.x&&x>=Xe.dist,Ze=Xe.y&&k>=Xe.dist;let L=Xe.uni;L!=null?
Ue&&Ze&&(Ue=x>=L,Ze=k>=L,!Ue&&!Ze&&(k>x?Ze=!0:Ue=!0)):Xe.x&&Xe.y&&(Ue||Ze)&&(Ue=Ze=!0);let E,V;Ue&&(M.ori==0?(E=tl,V=Se):(E=nl,V=Ve),El(It(E,V),Ye(V-E)),Ze||Rl(
0,y)),Ze&&(M.ori==1?(E=tl,V=Se):(E=nl,V=Ve),Rl(It(E,V),Ye(V-E)),Ue||El(0,g)),!Ue&&!Ze&&(El(0,0),Rl(0,0))}if(Xe._x=Ue,Xe._y=Ze,s==null){if(c){if(Bi!=null){let[x,
k]=Oe.scales;Oe.values[0]=x!=null?Yt(M.ori==0?Se:Ve,x):null,Oe.values[1]=k!=null?Yt(M.ori==1?Se:Ve,k):null}Dl(ms,l,Se,Ve,J,R,d)}if(Kn){let x=c&&Oe.setSeries,k=Bt.
prox;Mn==null?Qt<=k&&Gt(un,ol,!0,x):Qt>k?Gt(null,ol,!0,x):un!=Mn&&Gt(un,ol,!0,x)}}kt&&(ee.idx=d,ls()),a!==!1&&Je("setCursor")}let cn=null;Object.defineProperty(
l,"rect",{get(){return cn==null&&Vl(!1),cn}});function Vl(s=!1){s?cn=null:(cn=T.getBoundingClientRect(),Je("syncRect",cn))}function Ai(s,a,c,d,m,g,y){O._lock||rn&&
s!=null&&s.movementX==0&&s.movementY==0||(os(s,a,c,d,m,g,y,!1,s!=null),s!=null?Cn(null,!0,!0):Cn(a,!0,!1))}function os(s,a,c,d,m,g,y,x,k){if(cn==null&&Vl(!1),Sn(
s),s!=null)c=s.clientX-cn.left,d=s.clientY-cn.top;else{if(c<0||d<0){Se=-10,Ve=-10;return}let[L,E]=Oe.scales,V=a.cursor.sync,[j,ue]=V.values,[re,te]=V.scales,[G,
N]=Oe.match,Me=a.axes[0].side%2==1,He=M.ori==0?J:R,$e=M.ori==1?J:R,ge=Me?g:m,Fe=Me?m:g,dt=Me?d:c,lt=Me?c:d;if(re!=null?c=G(L,re)?r(j,_[L],He,0):-10:c=He*(dt/ge),
te!=null?d=N(E,te)?r(ue,_[E],$e,0):-10:d=$e*(lt/Fe),M.ori==1){let St=c;c=d,d=St}}k&&(a==null||a.cursor.event.type==ms)&&((c<=1||c>=J-1)&&(c=Dn(c,J)),(d<=1||d>=R-
1)&&(d=Dn(d,R))),x?(Ci=c,Li=d,[tl,nl]=O.move(l,c,d)):(Se=c,Ve=d)}let ss={width:0,height:0,left:0,top:0};function is(){co(ss,!1)}let Pi,Hi,Fi,Oi;function Ni(s,a,c,d,m,g,y){
rn=!0,Ue=Ze=Xe._x=Xe._y=!1,os(s,a,c,d,m,g,y,!0,!1),s!=null&&(nt(hs,vs,Wi,!1),Dl(Qi,l,tl,nl,J,R,null));let{left:x,top:k,width:L,height:E}=_e;Pi=x,Hi=k,Fi=L,Oi=E}
function Wi(s,a,c,d,m,g,y){rn=Xe._x=Xe._y=!1,os(s,a,c,d,m,g,y,!1,!0);let{left:x,top:k,width:L,height:E}=_e,V=L>0||E>0,j=Pi!=x||Hi!=k||Fi!=L||Oi!=E;if(V&&j&&co(_e),
Xe.setScale&&V&&j){let ue=x,re=L,te=k,G=E;if(M.ori==1&&(ue=k,re=E,te=x,G=L),Ue&&an(A,Yt(ue,A),Yt(ue+re,A)),Ze)for(let N in _){let Me=_[N];N!=A&&Me.from==null&&Me.
min!=ye&&an(N,Yt(te+G,N),Yt(te,N))}is()}else O.lock&&(O._lock=!O._lock,Cn(a,!0,s!=null));s!=null&&(Bn(hs,vs),Dl(hs,l,Se,Ve,J,R,null))}function Xu(s,a,c,d,m,g,y){
if(O._lock)return;Sn(s);let x=rn;if(rn){let k=!0,L=!0,E=10,V,j;M.ori==0?(V=Ue,j=Ze):(V=Ze,j=Ue),V&&j&&(k=Se<=E||Se>=J-E,L=Ve<=E||Ve>=R-E),V&&k&&(Se=Se<tl?0:J),j&&
L&&(Ve=Ve<nl?0:R),Cn(null,!0,!0),rn=!1}Se=-10,Ve=-10,he.fill(null),Cn(null,!0,!0),x&&(rn=x)}function Ii(s,a,c,d,m,g,y){O._lock||(Sn(s),qo(),is(),s!=null&&Dl(tr,
l,Se,Ve,J,R,null))}function zi(){z.forEach($f),zo(l.width,l.height,!0)}Hn(bo,ul,zi);let sl={};sl.mousedown=Ni,sl.mousemove=Ai,sl.mouseup=Wi,sl.dblclick=Ii,sl.setSeries=
(s,a,c,d)=>{let m=Oe.match[2];c=m(l,a,c),c!=-1&&Gt(c,d,!0,!1)},tt&&(nt(Qi,T,Ni),nt(ms,T,Ai),nt(Xi,T,s=>{Sn(s),Vl(!1)}),nt(er,T,Xu),nt(tr,T,Ii),Ls.add(l),l.syncRect=
Vl);let fo=l.hooks=e.hooks||{};function Je(s,a,c){Xo?Ll.push([s,a,c]):s in fo&&fo[s].forEach(d=>{d.call(null,l,a,c)})}(e.plugins||[]).forEach(s=>{for(let a in s.
hooks)fo[a]=(fo[a]||[]).concat(s.hooks[a])});let qi=(s,a,c)=>c,Oe=Ne({key:null,setSeries:!1,filters:{pub:dr,sub:dr},scales:[A,S[1]?S[1].scale:null],match:[pr,pr,
qi],values:[null,null]},O.sync);Oe.match.length==2&&Oe.match.push(qi),O.sync=Oe;let Bi=Oe.key,rs=ua(Bi);function Dl(s,a,c,d,m,g,y){Oe.filters.pub(s,a,c,d,m,g,y)&&
rs.pub(s,a,c,d,m,g,y)}rs.sub(l);function ec(s,a,c,d,m,g,y){Oe.filters.sub(s,a,c,d,m,g,y)&&sl[s](null,a,c,d,m,g,y)}l.pub=ec;function tc(){rs.unsub(l),Ls.delete(l),
yn.clear(),Ts(bo,ul,zi),p.remove(),de?.remove(),Je("destroy")}l.destroy=tc;function as(){Je("init",e,t),yi(t||e.data,!1),I[A]?es(A,I[A]):qo(),oo=_e.show&&(_e.width>
0||_e.height>0),Tn=kt=!0,zo(e.width,e.height)}return S.forEach(wi),z.forEach(Au),n?n instanceof HTMLElement?(n.appendChild(p),as()):n(l,as):as(),l}Pe.assign=Ne;
Pe.fmtNum=Hs;Pe.rangeNum=yo;Pe.rangeLog=ko;Pe.rangeAsinh=As;Pe.orient=On;Pe.pxRatio=fe;Pe.join=zc;Pe.fmtDate=Os,Pe.tzDate=Qc;Pe.sync=ua;{Pe.addGap=Hf,Pe.clipGaps=
_o;let e=Pe.paths={points:ha};e.linear=wa,e.stepped=Nf,e.bars=Wf,e.spline=zf}var Nn=24,Gs=new Map,ql=null,Bl=null;function Ys(){Gs=new Map,ql=null,Bl=null}function We(e){let t=Gs.get(e);return t===void 0&&(t=getComputedStyle(document.documentElement).
getPropertyValue("--"+e).trim(),Gs.set(e,t)),t}function Qf(e,t,n){let l=(o,i)=>parseInt(o.slice(1+i*2,3+i*2),16);return"rgb("+[0,1,2].map(o=>Math.round(l(e,o)+(l(
t,o)-l(e,o))*n)).join(",")+")"}function Ks(){if(ql)return ql;let e=We("heat").split(/\s+/);return ql=Array.from({length:Nn},(t,n)=>{let l=n/(Nn-1)*(e.length-1),
o=Math.min(e.length-2,Math.floor(l));return Qf(e[o],e[o+1],l-o)}),ql}function Gl(e){let t=e.getContext("2d");if(!t)throw new Error("this browser cannot draw on \
a canvas");return t}function xa(e){if(Bl)return Bl;let t=Math.round(8*Pe.pxRatio),n=v("canvas",{width:t,height:t}),l=Gl(n);l.strokeStyle=We("hatch"),l.lineWidth=
Pe.pxRatio;for(let o of[-t,0,t])l.beginPath(),l.moveTo(o,t),l.lineTo(o+t,0),l.stroke();return Bl=e.createPattern(n,"repeat"),Bl??We("hatch")}function Yl(e){let{definition:t}=e;return t.alwaysLogarithmic||(e.logarithmic??!!t.log?.(e.facts,e.model))}var Xf=e=>e.map(t=>ce(t)?t:null);function Kl(e){let t=e.
definition.x(e.facts,e.model);if(!e.definition.stacked)return[t,...e.lines.map(o=>Xf(o.values))];let n=new Array(t.length).fill(null),l=[];for(let o of[...e.lines].
reverse()){for(let i=0;i<t.length;i+=1){let u=e.hidden.has(o.key)?null:o.values[i];ce(u)&&(n[i]=(n[i]??0)+u)}l.unshift(n.slice())}return[t,...l]}var jl={from:null,to:0},wl=[];function Eo(e){return jl.from===null?[0,Math.max(e.facts.end,1)]:[jl.from,jl.to]}function Ul(e,t=0){jl.from=e,jl.to=t;for(let n of wl){
n.reset.hidden=e===null;let[l,o]=Eo(n);n.uplot?.setScale("x",{min:l,max:o})}}function ka(e,t){let[n,l]=Eo(e),o=e.uplot?.cursor.idx,i=ce(o)?e.facts.middle[o]:(n+
l)/2,u=(l-n)*t/2,r=Math.max(e.facts.end,1);if(u*2>=r)return Ul(null);if(u*2<e.facts.step*2)return;let f=Math.min(Math.max(0,i-u),r-u*2);Ul(f,f+u*2)}function Zl(e){
if(e.definition.overTime)return Ul(null);e.reset.hidden=!0,e.zoomed=null,e.uplot?.setData(e.uplot.data)}var js=200;function Ta(e){if(e.legend.replaceChildren(),e.outputs=[],e.when=v("span",{class:"when"}),e.definition.legend){e.definition.legend(e);return}let{stacked:t}=e.
definition;for(let n of e.lines){let l=v("output"),o=v("span",{class:"swatch"+(t?" area":n.dash?n.dash[0]>3?" dash":" dot":""),"aria-hidden":"true"});o.style[t?
"background":"borderTopColor"]="var(--"+n.colour+")",e.outputs.push(l);let i=v("button",{type:"button","aria-pressed":String(!e.hidden.has(n.key)),title:"Show o\
r hide"},o,v("span",{},n.label),l);e.legend.append(fn(i,{click:()=>ed(e,n.key,i)}))}e.legend.append(e.when)}function ed(e,t,n){e.hidden.has(t)?e.hidden.delete(t):
e.hidden.add(t),n.setAttribute("aria-pressed",String(!e.hidden.has(t))),e.definition.stacked?e.uplot?.setData(Kl(e)):e.uplot?.setSeries(e.lines.findIndex(l=>l.key===
t)+1,{show:!e.hidden.has(t)})}function Sa(e){let t=e.uplot?.cursor;return t&&ce(t.left)&&t.left>=0&&ce(t.idx)?t.idx:null}function Jl(e){let t=Sa(e);Y(e.when,t===
null?"":"at "+e.definition.place(e,t)),e.definition.readCursor?.(e,t);for(let[n,l]of e.outputs.entries())Y(l,t===null?"":e.definition.format(e.lines[n].values[t]))}
function _a(e){if(!e.byKey)return;e.byKey=!1;let t=e.definition.overTime?wl:[e];for(let n of t)n.uplot?.setCursor({left:-10,top:-10})}function Ma(e,t){if(!e.uplot||
t.ctrlKey||t.metaKey||t.altKey)return;let n=e.uplot.data[0],{min:l=-1/0,max:o=1/0}=e.uplot.scales.x,i=n.findIndex(w=>w>=l),u=n.length-1;for(;u>0&&n[u]>o;)u-=1;i<
0&&(i=0);let r=Sa(e),f=t.shiftKey?10:1,p={ArrowRight:r===null?i:r+f,ArrowLeft:r===null?u:r-f,Home:i,End:u};t.key in p?(t.preventDefault(),td(e,Math.min(u,Math.max(
i,p[t.key])))):e.definition.overTime&&(t.key==="+"||t.key==="-")?(t.preventDefault(),ka(e,t.key==="+"?.5:2)):(t.key==="0"||t.key==="Escape")&&Zl(e)}function td(e,t){
let n=e.uplot?.data[0][t]??0;for(let o of e.definition.overTime?wl:[e]){if(!o.uplot||o.figure.hidden)continue;let i=o.uplot.setCursor;i({left:o.uplot.valToPos(n,
"x"),top:o.uplot.over.clientHeight/2},!0,!1),Jl(o)}e.byKey=!0;let l=e.definition.speak?e.definition.speak(e,t):e.lines.map(o=>o.label+" "+e.definition.format(o.
values[t])).join(", ");Ut("At "+e.definition.place(e,t)+": "+l)}function Us(e){if(!e.details.open||!e.lines.length)return;let{columns:t,rows:n,note:l}=e.definition.
rows(e.facts,e.model,e.lines),o=En(e.definition.heading,t,n),i=e.tableHost.querySelector(".scroll"),u=i?[i.scrollLeft,i.scrollTop]:[0,0],r=i&&i===document.activeElement,
f=Xt(e.definition.heading+" as a table",o,"tall fit");e.tableHost.replaceChildren(...l?[v("p",{class:"muted"},l)]:[],f),[f.scrollLeft,f.scrollTop]=u,r&&f.focus(
{preventScroll:!0})}function bl(e,t,n,l){let o=Math.max(1,Math.ceil(e.at.length/js)),i=[];for(let f=0;f<e.at.length;f+=o){let p=t.map(({values:w})=>{let h=cs(w.
slice(f,f+o));return h.length?n==="rate"?mn(h)/h.length:Be(h):null});i.push([Ht(e.at[f],e.end),...p.map(l)])}let u=ht(o*e.step),r=o*e.step>1?"Each row is "+u+(n===
"rate"?": the mean rate of that time.":": the highest value of that time."):null;return{columns:["from",...t.map(({label:f})=>f)],rows:i,note:r}}function yl(e,t){
return e.map(({label:n,values:l})=>{let[o,i]=[en(l),Be(l)];return o===null?n+" not known":o===i?n+" "+t(o):n+" "+t(o)+" to "+t(i)}).join("; ")+"."}function nd(e,t){
let{at:n,step:l,end:o}=e.facts;return Ht(n[t],o)+(l>1?" to "+Ht(n[t]+l,o):"")}var wn={overTime:!0,x:e=>e.middle,labelX:"time since the start",place:nd};function Ca(e){let t=[];for(let n of[...e.model.missing].sort((l,o)=>l.from_s-o.from_s)){let l=t[t.length-1];l&&n.from_s<=l.to_s?l.to_s=Math.max(l.to_s,n.to_s):
t.push({from_s:n.from_s,to_s:n.to_s})}return t}function Zs(e,{from_s:t,to_s:n}){let{left:l,width:o}=e.bbox,i=Math.max(l,e.valToPos(t,"x",!0)),u=Math.min(l+o,e.valToPos(
n,"x",!0));return u>i?{begin:i,width:u-i}:null}function La(e,t){let{ctx:n,bbox:l}=e,o=(i,u)=>{let r=Zs(e,i);if(r)for(let f of u)n.fillStyle=f(),n.fillRect(r.begin,
l.top,r.width,l.height)};n.save();for(let i of t.model.phases)i.measured||o(i,[()=>We("shade")]);for(let i of Ca(t))o(i,[()=>We("hatch-ground"),()=>xa(n)]);n.restore()}
function Ea(e,t){let{ctx:n,bbox:l}=e,o=Pe.pxRatio;n.save(),n.font=11*o+"px system-ui, sans-serif",n.textBaseline="middle",n.textAlign="left",t.definition.strip&&
ld(e,t,n,o);for(let i of Ca(t)){let u=Zs(e,i),r=u&&Ra(n,["a worker’s part is missing","part missing","missing"],u.width-10*o);r&&(n.fillStyle=We("panel"),n.fillRect(
u.begin+3*o,l.top+3*o,n.measureText(r).width+8*o,16*o),n.fillStyle=We("warn"),n.fillText(r,u.begin+7*o,l.top+11.5*o))}n.restore()}function ld(e,t,n,l){for(let o of t.
model.phases){let i=Zs(e,o);if(!i)continue;let u=e.bbox.top-17*l;n.fillStyle=We(o.measured?"busy-ground":"shade"),n.fillRect(i.begin+l/2,u,Math.max(l,i.width-l),
15*l);let r=o.text.split(" ")[0],f=o.measured?[o.text,r]:[o.text+", not measured",r+", not measured","not measured",r],p=Ra(n,f.map(Ot),i.width-8*l);n.fillStyle=
We(o.measured?"busy":"muted"),p&&n.fillText(p,i.begin+4*l,u+8*l)}}function Ra(e,t,n){return t.find(l=>e.measureText(l).width<=n)??null}var Le={ready:!1,charts:{},model:null,past:[],format:{count:ke,time:ne,rate:qe,duration:ht,percentile:Rn,instant:po}};window.vajraPage=Le;var Ro=document.body.dataset.
live==="1";var Vo=230,Va="12px system-ui, sans-serif",$l=new Map;function Wn(e,t,n,l){let o=$l.get(t.key);if(!o){if(!t.draw(n,l))return!1;o=od(e,t,n,l),$l.set(t.key,o)}return id(
o,n,l)}function od(e,t,n,l){let o=v("div"),i=v("div",{class:"plot",role:"img",tabindex:"0"}),u=v("details",{class:"data"},v("summary",{},"As a table"),o),r=v("d\
iv"),f=v("div",{class:"legend",role:"group","aria-label":"Series of this chart"}),p=dn("Reset zoom",()=>{Zl(b),i.focus()},{hidden:!0}),w=t.log?dn("",()=>sd(b)):
null,h=v("figure",{class:"chart",id:"chart-"+t.key},v("figcaption",{class:"chart-head"},v("h3",{},t.heading),v("span",{class:"muted"},t.hint)),v("div",{class:"c\
hart-head"},f,v("div",{class:"tools"},w,p)),i,r,u),b={definition:t,figure:h,legend:f,plot:i,below:r,tableHost:o,details:u,reset:p,scale:w,facts:n,model:l,when:v(
"span",{class:"when"}),outputs:[],hidden:new Set,met:new Set,uplot:null,lines:[],shape:"",logarithmic:null,zoomed:null,byKey:!1};return fn(i,{keydown:C=>Ma(b,C),
blur:()=>_a(b)}),fn(u,{toggle:()=>Us(b)}),e.append(h),new ResizeObserver(()=>gd(b)).observe(i),t.overTime&&wl.push(b),b}function sd(e){e.logarithmic=!Yl(e),Pa(e)}
var Aa=e=>JSON.stringify([e.lines.map(t=>t.key),Yl(e)]);function id(e,t,n){let{definition:l}=e,o=l.draw(t,n);if(e.figure.hidden=o===null,!o)return!1;e.facts=t,e.
model=n,e.lines=o;for(let i of o)i.optional&&!e.met.has(i.key)&&e.hidden.add(i.key),e.met.add(i.key);return!e.uplot||e.shape!==Aa(e)?Pa(e):(e.uplot.setData(Kl(e)),
Jl(e)),e.plot.setAttribute("aria-label",l.describe(t,n)+" Arrow keys read the values."),l.below?.(e),e.details.open&&Us(e),!0}function Pa(e){e.shape=Aa(e),e.uplot?.
destroy(),e.scale&&Y(e.scale,Yl(e)?"Linear scale":"Logarithmic scale"),Ta(e);let t=new Pe(rd(e),Kl(e),e.plot);e.uplot=t,Le.charts[e.definition.key]=t;for(let[n,
l]of e.lines.entries())e.hidden.has(l.key)&&!e.definition.stacked&&t.setSeries(n+1,{show:!1});Jl(e)}function rd(e){let{definition:t}=e,n=Yl(e),l=e.plot.clientWidth<
480,o={stroke:()=>We("muted"),font:Va,labelFont:Va,grid:{stroke:()=>We("grid"),width:1},ticks:{stroke:()=>We("grid"),width:1,size:5}},i=(r,f)=>t.overTime?Eo(e):
t.rangeX?.(e,r,f)??[r,f],u=(r,f)=>t.rangeY?.(e)??dd(r,f*(fd(e)?1.2:1),n);return{width:e.plot.clientWidth||600,height:t.height??Vo,padding:[t.strip?20:10,26,0,0],
legend:{show:!1},scales:{x:{time:!1,range:(r,f,p)=>i(f,p)},y:{auto:!0,distr:n?3:1,log:10,range:(r,f,p)=>u(f,p)}},axes:[{...o,label:typeof t.labelX=="string"?t.labelX:
t.labelX(e.model),labelSize:18,size:30,gap:3,space:l?58:70,...t.overTime?hd(e):t.axisX?.(e)},{...o,label:t.labelY,labelSize:18,size:l?55:60,gap:4,space:28,values:(r,f)=>f.
map(t.tick),...n?{splits:(r,f,p,w)=>md(p,w),filter:(r,f)=>f}:{}}],series:[{},...e.lines.map((r,f)=>ud(e,r,f))],cursor:ad(e),hooks:{drawClear:t.overTime?[r=>La(r,
e)]:[],drawAxes:t.paint?[r=>t.paint?.(r,e)]:[],draw:t.overTime?[r=>Ea(r,e)]:[],setCursor:[()=>Jl(e)],setSelect:[r=>wd(r,e)],ready:[bd]}}}function ad(e){let{definition:t}=e;
return{y:!!t.cursorY,points:{show:!t.stacked&&!t.cursorY,size:7},drag:{x:!0,y:!1,setScale:!1},bind:{dblclick:()=>()=>(Zl(e),null)},...t.overTime&&{sync:{key:"ti\
me",setSeries:!1,scales:["x",null],filters:{pub:n=>n==="mousemove"||n==="mouseleave"}}}}}function ud(e,t,n){let{definition:l}=e,o=()=>We(t.colour),i=l.points||e.
facts.at.length<=45&&l.overTime,u={label:t.label,stroke:o,width:t.width??1.6,dash:t.dash,spanGaps:!1};return l.stacked?{...u,fill:o,width:0,points:{show:!1},paths:Pe.
paths.bars?.({size:[.92,40],align:0})}:t.invisible?{...u,show:!0,paths:()=>null,points:{show:!1}}:{...u,points:{show:i&&!t.dash,size:4,fill:o,stroke:o,width:0,filter:i&&
!t.dash?void 0:(r,f,p,w)=>cd(e.lines[n].values,w)}}}function cd(e,t){if(e.length>1&&(!t||!t.length))return null;let n=[];for(let l=0;l<e.length;l+=1)ce(e[l])&&!ce(
e[l-1])&&!ce(e[l+1])&&n.push(l);return n.length?n:null}var fd=e=>!!e.definition.overTime&&e.model.missing.length>0;function dd(e,t,n){return n?e>0?[Da(e),Math.max(
pd(t),Da(e)*10)]:[.1,10]:[0,t>0?t*1.08:1]}function Da(e){let t=10**Math.floor(Math.log10(e)+1e-9);return[5,2].map(n=>n*t).find(n=>n<=e*1.000001)??t}function pd(e){
let t=10**Math.floor(Math.log10(e)+1e-9);return[1,2,5].map(n=>n*t).find(n=>n>=e*.999999)??t*10}function md(e,t){let l=Math.log10(t/e)<=3.4?[1,2,5]:[1],o=[];for(let i=Math.
floor(Math.log10(e));i<=Math.ceil(Math.log10(t));i+=1)for(let u of l){let r=u*10**i;r>=e*.999&&r<=t*1.001&&o.push(r)}return o}function hd(e){return{incrs:[1,2,5,
10,15,20,30,60,120,300,600,900,1800,3600,7200],values:(t,n)=>n.map(l=>Ht(l,e.facts.end))}}function gd(e){let t=e.plot.clientWidth;!e.uplot||!t||t===e.uplot.width||
e.uplot.setSize({width:t,height:e.definition.height??Vo})}function wd(e,t){if(e.select.width<5)return;let n=e.posToVal(e.select.left,"x"),l=e.posToVal(e.select.
left+e.select.width,"x");e.setSelect({left:0,top:0,width:0,height:0},!1),t.definition.overTime?l-n>=t.facts.step&&Ul(Math.max(0,n),l):(t.zoomed=[n,l],t.reset.hidden=
!1,e.setScale("x",{min:n,max:l}))}function bd(e){e.over.addEventListener("pointermove",t=>{if(t.pointerType!=="touch")return;let n=e.over.getBoundingClientRect();
e.setCursor({left:t.clientX-n.left,top:t.clientY-n.top})})}var Js="all",vl="request ",xl="failure ",Et={made:Js},yd={p50:[],p90:[],p99:[],p99_9:[],max:[],heat:[]};function Ha(e){let t=Pl(e.seconds,e.heat),n=e.choices.find(
i=>vl+i.name===Et.made),l=e.requests.find(i=>vl+i.name===Et.made);if(n&&l){let i=ke(l.failed)+" failed",u=Pl(n.seconds,n.heat);return{facts:u,failed:u,waits:fs(
n.waits,u),model:{...e,distribution:n.distribution,total:l,errors:i,against:null}}}let o=Et.made.startsWith(xl)?Et.made.slice(xl.length):null;return o&&t.kinds.
includes(o)?vd(e,t,o):{facts:t,failed:t,waits:fs(e.waits,t),model:e}}function vd(e,t,n){let l={...t,kinds:[n],...yd,users:null,inFlight:[],connections:[],failuresOnly:!0},
o=e.total.failures[n]??0,i=ke(o)+" "+Ot(n),u=e.kinds.find(f=>f.name===n);return{facts:u?{...Pl(u.seconds,u.heat),end:t.end,failuresOnly:!0}:l,failed:l,waits:l,model:{
...e,distribution:u?.distribution??xd(e),errors:i,against:null}}}function xd(e){return e.distribution.filter(n=>n.name==="latency of failed").map(n=>({...n,name:"\
latency of all failed",shown:!0}))}function kd(e){return Et.made===Js?[]:e.failures.filter(({kind:t,request:n})=>[xl+t,vl+n].includes(Et.made))}function Td({count:e,
reason:t,request:n,origin:l,first:o}){let i=n+(l?" at "+l:""),u=o.length?"; first arrivals "+o.join(", "):"";return ke(e)+" × "+t+": "+i+u}function Fa(e,t){let n=Pl(
e.seconds,e.heat).kinds,l=H("choice");l.hidden=!e.seconds.at.length||e.choices.length+n.length===0;let o=e.choices.map(r=>r.name),i=()=>{let r=(w,h)=>v("option",
{value:w,selected:w===Et.made},h),f=(w,h)=>h.length?v("optgroup",{label:w},...h):null,p=v("select",{id:"choice-select"},r(Js,"all requests"),f("requests of one \
name",o.map(w=>r(vl+w,w))),f("failures of one kind",n.map(w=>r(xl+w,Ot(w)))));return fn(p,{change:()=>{Et.made=p.value,t()}})};be(P(l,"select","span"),[o,n],()=>[
v("label",{for:"choice-select"},"Charts show "),i()]);let u=kd(e);be(P(l,"reasons"),u,()=>[Mt(u.map(Td))]),Y(P(l,"note","p",{class:"muted"}),Sd(e))}function Sd(e){
return Et.made.startsWith(xl)?e.kinds.some(n=>xl+n.name===Et.made)?"Latency is that of measured requests, in at most 64 intervals of the run.":"The results of t\
his run do not contain latency by kind of failure: the distribution contains all failed requests.":Et.made.startsWith(vl)?e.choices.find(n=>vl+n.name===Et.made)?.
seconds.at.length?"For one name, the charts over time contain only measured requests, without planned and dropped arrivals.":"The snapshots of this run do not c\
ontain requests by name over time.":""}var $s={passed:"✓",crossed:"✗",incomplete:"!",unjudged:"–",running:"…"},Do=e=>e.charAt(0).toUpperCase()+e.slice(1);function Qs(e,t,n=!1){let l=e in $s;return v(
"span",{class:"badge"+(n?" small":"")+" "+(l?e:"running")},v("span",{"aria-hidden":"true"},l?$s[e]:"·"),Do(t))}var Xs=e=>e.live!==null&&e.live.state!=="ended",
ei=e=>e.started!==null;function Oa(e){Y(H("scenario"),e.scenario||"Load test"),Y(H("run-line"),e.heading),Ro&&(document.title=Do(e.verdict_word)+": "+e.scenario)}
function Na(e){let t=H("verdict-body");be(P(t,"line"),[e.verdict,e.summary],()=>[v("div",{class:"verdict-line"},Qs(e.verdict,e.verdict_word),v("p",{},e.summary))]),
be(P(t,"reasons"),e.reasons,()=>[Mt(e.reasons)]),be(P(t,"limited"),e.limited,()=>_d(e));let n=P(t,"figures","dl",{class:"figures"});n.hidden=!e.figures.length,ti(
n,e.figures),Y(P(t,"percentiles","p",{class:"text"}),e.percentiles_of??""),Y(P(t,"balance","p",{class:"text balance-line"}),e.balance_words.line),Md(P(t,"thresh\
olds"),e.thresholds,Xs(e)?"Thresholds so far":"Thresholds"),be(P(t,"notes"),e.notes,()=>e.notes.length?[v("h3",{},"Notes"),Mt(e.notes)]:[])}function _d({limited:e}){
if(!e)return[];let t=v("p",{},v("strong",{},e.title)," "+e.text);return[v("div",{class:"alert"},t,Mt(e.signs))]}function ti(e,t){for(;e.children.length>t.length;)
e.lastChild?.remove();t.forEach((n,l)=>{let o=e.children[l]??e.appendChild(v("div",{},v("dt"),v("dd",{class:"value"}),v("dd",{class:"more"})));o.className!==n.tone&&
(o.className=n.tone),Y(o.children[0],n.label),Y(o.children[1],n.value),Y(o.children[2],n.more)})}function Md(e,t,n){if(!t.length)return be(e,"none",()=>[v("p",{
class:"muted"},"The scenario has no thresholds.")]);let l=t.map(o=>[o.threshold,Cd(o.word),o.word==="not met"?v("span",{class:"bad"},o.measured):o.measured,o.limit]);
return be(e,[n,t],()=>[v("h3",{},n),Xt("Thresholds",En("Thresholds",["threshold","result","measured","limit"],l,2),"fit")])}function Cd(e){let n={met:"passed","\
not met":"crossed"}[e],l=v("span",{"aria-hidden":"true"},n?$s[n]:"…");return v("span",{class:"badge small "+(n??"unjudged")},l,e)}var Ia=new WeakMap;function za(e){let[t,n,l,o]=[0,1/0,0,0];for(let{series:u}of e)if(u){t=Math.max(t,Be(u.rate)??0),o=Math.max(o,u.from_s+u.rate.length*u.step_s);
for(let r of u.p99)ce(r)&&r>0&&(n=Math.min(n,r),l=Math.max(l,r))}let i=l/n>20;return{rate:t||1,low:i?n:0,high:l,logarithmic:i,end:o||1}}function qa(e,t,n){Ia.set(
e,{series:t,scale:n})}function kl(e){let t=Ia.get(e),n=window.devicePixelRatio||1,[l,o]=[e.clientWidth,e.clientHeight];if(!l||!t)return;let{series:i,scale:u}=t;
e.width=Math.round(l*n),e.height=Math.round(o*n);let r=Gl(e);r.scale(n,n);let f=Math.round(o/2),p=T=>(i.from_s+(T+.5)*i.step_s)/u.end*l,w=T=>f-3-T/u.rate*(f-6),
h=T=>u.logarithmic?Math.log(T/u.low)/Math.log(u.high/u.low):T/u.high,b=T=>o-5-h(T)*(o-f-8);r.strokeStyle=We("grid"),r.strokeRect(.5,f-2.5,l,0),r.strokeRect(.5,o-
4.5,l,0),Wa(r,i.rate,p,w,We("completed"));let C=i.p99.map(T=>ce(T)&&T>0?T:null);Wa(r,C,p,b,We("p99")),r.fillStyle=We("light-bad"),i.failed.forEach((T,D)=>{T>0&&
r.fillRect(p(D)-1,o-3,2,3)})}function Wa(e,t,n,l,o){e.strokeStyle=e.fillStyle=o,e.lineWidth=1.4,e.beginPath();let i=!1;t.forEach((u,r)=>{if(!ce(u)){i=!1;return}
let[f,p]=[n(r),l(u)];i?e.lineTo(f,p):e.moveTo(f,p),!i&&!ce(t[r+1])&&e.rect(f-.5,p-.5,1,1),i=!0}),e.stroke()}var Ba=new WeakMap,yt=class{node;body=v("tbody");head=v("thead");foot=v("tfoot");order={key:"",direction:1};columns=[];rows=[];extra={};signature="";constructor(t,n,l=""){
let o=v("table",{},v("caption",{},n),this.head,this.body,this.foot);this.node=Xt(n,o,l),t.append(this.node)}update(t,n,l={}){let o=t.map(r=>r.key).join(`
`);[this.columns,this.rows,this.extra]=[t,n,l],o!==this.signature&&this.drawHead(o);let i=this.sorted().slice(0,l.limit??n.length),u=Math.max(...i.map(r=>t[0].text(
r).length),4);for(this.node.style.setProperty("--name",Math.min(40,u)+2+"ch");this.body.rows.length>i.length;)this.body.deleteRow(-1);i.forEach((r,f)=>Ga(this.body.
rows[f]??this.body.appendChild(v("tr")),t,r,l.mark?.(r)??!1)),l.total?Ga(this.foot.rows[0]??this.foot.appendChild(v("tr")),t,l.total,!1):this.foot.replaceChildren()}drawHead(t){
let n=document.activeElement,l=n instanceof HTMLElement&&this.head.contains(n)?n.dataset.key:null;this.signature=t,this.body.replaceChildren(),this.foot.replaceChildren();
let o=i=>v("th",{scope:"col",class:"sortable"+(i.number?" number":"")+(i.minor?" minor":""),title:i.title,"data-label":i.label},dn(i.label,()=>this.sortBy(i),{"\
data-key":i.key}));this.head.replaceChildren(v("tr",{},...this.columns.map(o))),this.showOrder();for(let i of this.head.querySelectorAll("button"))l&&i.dataset.
key===l&&i.focus({preventScroll:!0})}sortBy(t){let n=this.order.key===t.key?-this.order.direction:t.number?-1:1;this.order={key:t.key,direction:n},this.showOrder(),
this.update(this.columns,this.rows,this.extra),Ut("Sorted by "+t.label+", "+(n>0?"ascending":"descending")+".")}showOrder(){for(let[t,n]of[...this.head.rows[0].
cells].entries())this.columns[t].key===this.order.key?n.setAttribute("aria-sort",this.order.direction>0?"ascending":"descending"):n.removeAttribute("aria-sort")}sorted(){
let t=this.columns.find(o=>o.key===this.order.key);if(!t)return this.rows;let n=t.value??t.text,{direction:l}=this.order;return[...this.rows].sort((o,i)=>{let[u,
r]=[n(o),n(i)],[f,p]=[u==null,r==null];return f||p?Number(f)-Number(p):typeof u=="number"&&typeof r=="number"?l*(u-r):l*String(u).localeCompare(String(r),"en",{
numeric:!0})})}};function Ga(e,t,n,l){e.className=l?"odd":"",t.forEach((o,i)=>{let u=e.cells[i]??e.appendChild(v(i?"td":"th",i?{}:{scope:"row"})),f=[o.number&&"\
number",o.wide&&"wide",o.minor&&"minor",o.tone?.(n)].filter(Boolean).join(" ");u.className!==f&&(u.className=f);let p=o.text(n);if(!o.node)return Y(u,p);Ba.get(
u)!==p&&(Ba.set(u,p),u.replaceChildren(o.node(n)))})}function me(e,t,n,l={}){return{key:e,label:t,number:!0,value:n,text:o=>ke(n(o)),...l}}function we(e,t,n,l={}){
return{key:e,label:t,number:!0,value:n,text:o=>ne(n(o)),...l}}var ni=200,Ao=60,Po={green:"good",yellow:"watch",red:"bad",none:"waiting"},Ka=e=>[...e].sort((t,n)=>+!t.odd-+!n.odd);function ja(e){let t=H("workers"),n=H("work\
ers-body");t.hidden=!e.workers.length,!t.hidden&&(Y(P(n,"summary","p",{class:"text"}),e.workers_in_words),Ua(P(n,"grid"),e),Za(P(n,"table"),e))}function si(e){return v(
"span",{class:"light "+e,"aria-hidden":"true"})}var In={all:!1,model:null};function Ua(e,t){let n=t.workers.filter(p=>p.series);if(e.hidden=!n.length,e.hidden)return;
P(e,"title","h3").textContent="Each worker";let l=za(n);In.model=t;let o=l.high?Ft(l.low)+" to "+ne(l.high)+(l.logarithmic?", logarithmic":""):"not known";Y(P(e,
"scale","p",{class:"muted text"}),"Above: rate sent, 0 to "+qe(l.rate)+". Below: p99, "+o+". All charts have the same scale; a mark at the bottom is an interval\
 with failures.");let i=P(e,"list","ul",{class:"worker-grid"}),u=n.length>Ao?Ka(n):n;Ld(i,In.all?u:u.slice(0,Ao),l);let r=P(e,"more"),f=()=>{In.all=!0,In.model&&
Ua(e,In.model),i.querySelectorAll("li")[Ao]?.scrollIntoView({block:"nearest"}),Ut("All workers are shown.")};be(r,[In.all,n.length],()=>n.length>Ao&&!In.all?[dn(
"Draw all "+ke(n.length),f)]:[])}var oi=new WeakSet,Ya=new IntersectionObserver(e=>{for(let{target:t,isIntersecting:n}of e)n?(oi.add(t),kl(t)):oi.delete(t)},{rootMargin:"\
200px"});function Ld(e,t,n){for(;e.lastElementChild&&e.children.length>t.length;){let l=e.lastElementChild.querySelector("canvas");l&&Ya.unobserve(l),e.lastElementChild.
remove()}t.forEach((l,o)=>{let i=o>=e.children.length,u=i?Ed():e.children[o],[r,f,p,w]=u.children;u.className!==(l.odd?"odd":"")&&(u.className=l.odd?"odd":""),Y(
r.children[0],l.name),Y(r.children[1],l.odd?"▲ outlier":""),Y(p,l.facts),Y(w,l.odd),l.series&&qa(f,l.series,n),oi.has(f)&&kl(f),i&&(e.append(u),Ya.observe(f))})}
function Ed(){return v("li",{},v("div",{class:"name"},v("span"),v("span",{class:"odd-word"})),v("canvas",{"aria-hidden":"true"}),v("p",{class:"facts"}),v("p",{class:"\
facts odd-why"}))}var li=e=>[e.why,e.odd!==e.why?e.odd:null].filter(Boolean).join("; ");function Rd(e){let{workers:t}=e,n=Xs(e),l=(r,f,p)=>f&&t.some(w=>w[r]!==null)?
[p]:[],o={red:0,yellow:1,green:2,none:3},i=r=>r?"bad":null,u=r=>({key:r,label:"rate",number:!0,value:f=>f[r],text:f=>qe(f[r])});return[{key:"shard",label:"worke\
r",value:r=>r.shard+r.slice/1e3,text:r=>r.name.replace("worker ","")},{key:"light",label:"light",value:r=>o[r.light],text:r=>Po[r.light],node:r=>v("span",{class:"\
light-word"},si(r.light),v("span",{},Po[r.light]))},{key:"state",label:"state",text:r=>r.state},{key:"remark",label:"remark",value:r=>li(r)||null,text:li,wide:t.
some(li)},...l("region",!0,{key:"region",label:"region",text:r=>r.region??"–"}),{key:"worker",label:"claimed by",text:r=>r.worker??"–"},...l("last_seen_s",n,
{key:"last_seen_s",label:"last snapshot",number:!0,value:r=>r.last_seen_s,text:r=>ce(r.last_seen_s)?ht(r.last_seen_s)+" ago":"–"}),...l("rate_sent",n,u("rate_\
sent")),...l("owed",!0,me("owed","planned",r=>r.owed)),...l("rate_per_s",!n,u("rate_per_s")),me("sent","sent",r=>r.sent),me("completed","completed",r=>r.completed),
me("failed","failed",r=>r.failed,{tone:r=>i(r.failed)}),me("dropped","dropped",r=>r.dropped,{tone:r=>i(r.dropped)}),me("missing","missing",r=>r.missing,{tone:r=>i(
r.missing)}),we("p50","p50",r=>r.p50),we("p99","p99",r=>r.p99),we("max","max",r=>r.max),we("lag_p99","lag p99",r=>r.lag_p99),...l("start_skew",!0,we("start_skew",
"started late by",r=>r.start_skew)),...l("clock_offset",!0,we("clock_offset","clock off by",r=>r.clock_offset)),...l("busy_percent",!0,{key:"busy",label:"busy",
number:!0,value:r=>r.busy_percent,text:r=>r.busy_percent===null?"–":r.busy_percent+"%"})]}var Tl={all:!1,model:null,table:null};function Za(e,t){Tl.model=t;let{
workers:n}=t,l=n.length>ni,o=l&&!Tl.all,i=Tl.table??=new yt(e,"Table of workers","tall");i.update(Rd(t),l?Ka(n):n,{limit:o?ni:void 0,mark:r=>!!r.odd});let u=()=>{
Tl.all=!0,Tl.model&&Za(e,Tl.model),i.node.focus({preventScroll:!0})};be(P(e,"more","div",{class:"after-table"}),[o,n.length],()=>o?[v("span",{class:"muted"},ni+
" of "+ke(n.length)+" are shown, outliers first. "),dn("Show all "+ke(n.length),u)]:[])}var ii=100,Ql=()=>document.querySelector('meta[name="vajra-token"]')?.content??"";function Ja(e){let{live:t}=e;if(H("live").hidden=!t,!t)return;let n=H("live-bo\
dy");Vd(P(n,"state"),t,e.verdict);let l=t.state==="ended",o=H("stop-button");o.hidden=l||!Ql(),o.disabled=t.state==="stopping",Y(o,t.state==="stopping"?"Stoppin\
g…":"Stop the run");let[i,u,r]=[P(n,"figures","dl",{class:"figures wide"}),P(n,"errors","p",{class:"text"}),P(n,"lights")];if(i.hidden=u.hidden=r.hidden=l,l)return Dd(
P(n,"farewell","p",{class:"text farewell"}),t);ti(i,t.figures),Y(u,t.errors),Ad(r,t,e.workers)}function Vd(e,t,n){let l=P(e,"line","div",{class:"live-state"});be(
P(l,"word"),t.words,()=>[v("span",{class:"badge small "+(t.state==="ended"?n:"running")},t.words)]),Y(P(l,"time","span"),t.clock),P(e,"bar","progress",{max:"1",
"aria-label":"Time of the run"}).value=t.progress}function Dd(e,t){be(e,[t.stays,t.again],()=>[t.stays?"This page is served until its command is interrupted (Ct\
rl-C).":"This page is no longer served: it remains in this window, but cannot be reloaded, and cannot open past runs.",t.again?" This command writes the page to\
 a file: ":null,t.again?v("code",{},t.again):null])}function Ad(e,t,n){P(e,"title","h3").textContent="Workers now",be(P(e,"counts","p",{class:"light-counts"}),t.
lights,()=>t.lights.map(([u,r])=>v("span",{class:"light-word"},v("span",{class:"light "+u,"aria-hidden":"true"}),r)));let l={red:0,yellow:1,none:2,green:3},o=n.
length>ii,i=o?[...n].sort((u,r)=>l[u.light]-l[r.light]).slice(0,ii):n;be(P(e,"list","ul",{class:"lights","aria-label":"Lights of the workers"}),i.map(u=>[u.name,
u.light]),()=>i.map(Pd)),Y(P(e,"rest","p",{class:"muted"}),o?ii+" of "+ke(n.length)+" are shown, those with problems first.":""),be(P(e,"why"),t.troubled,()=>[Mt(
t.troubled)])}function Pd(e){let t=v("span",{class:e.light==="green"?"unseen":null}," "+Po[e.light]);return v("li",{},si(e.light),e.name,t)}function $a(e){let t=H("generator-body");H("generator").hidden=!1;let{generator:n}=e;be(P(t,"health"),[n,ei(e)],()=>ei(e)?[v("p",{class:"text"},n.sentence),Mt(n.
why),n.waits.length?v("p",{class:"text"},"Waits of arrivals:"):null,Mt(n.waits),Al(n.facts)]:[]),be(P(t,"balance"),e.balance_words,()=>Hd(e.balance_words))}function Hd(e){
let t=e.sums.map(n=>[...n.cells,n.off?v("span",{class:"bad"},n.judged):n.judged]);return[v("h3",{},"Balance of arrivals"),Xt("Balance of arrivals",En("Balance o\
f arrivals",null,t,0),"fit stack"),...e.besides.map(n=>v("p",{class:"muted after-table"},n))]}function Qa(e){let{plan:t,phases:n,source:l}=e;H("plan").hidden=!t.
length&&!l;let o=u=>[u.when,u.text+(u.measured?"":" (not measured)")],i={class:"source",tabindex:"0",role:"region","aria-label":"Scenario, as written"};be(P(H("\
plan-body"),"plan"),[t,n,l],()=>[Al(t),v("h3",{},"Load"),Al(n.map(o)),...l?[v("h3",{},"Scenario, as written"),v("pre",i,l)]:[]])}function Xa({cost:e}){H("cost").
hidden=!e,e&&be(P(H("cost-body"),"cost"),e,()=>Fd(e))}function Fd({actual:e,expected:t,prices_of:n,lines:l,basis:o}){return[Al([["this run",e??"–"],["expected\
 before",t],["prices of",n]]),l.length?v("h3",{},"Parts"):null,l.length?Xt("Cost by part",En("Cost by part",null,l),"fit"):null,Mt(o)]}function Xl(){let e=[...document.
querySelectorAll("main > section")].filter(t=>!t.hidden);be(H("contents"),e.map(t=>t.id),()=>e.map(t=>v("a",{href:"#"+t.id},t.querySelector("h2")?.textContent)))}var Od=["not started","no report yet","running"],eo={table:null,opens:!1};async function eu(e){try{let t=await fetch("past",{headers:{"X-Vajra-Token":Ql()}});if(!t.
ok)return;Le.past=await t.json()}catch{return}Ho(e())}function Ho(e){if(H("past").hidden=!Le.past.length,!Le.past.length)return;eo.table??=new yt(H("past-body"),
"Table of past runs","tall fit"),eo.opens!==e&&eo.table.body.replaceChildren(),eo.opens=e;let n=[{key:"run",label:"run",text:l=>l.run,node:l=>e&&!Od.includes(l.
verdict)?v("a",{href:"past/"+encodeURIComponent(l.run)},l.run):document.createTextNode(l.run)},{key:"verdict",label:"verdict",text:l=>l.verdict,node:l=>Qs(l.verdict,
l.verdict,!0)},{key:"scenario",label:"scenario",text:l=>l.scenario},{key:"created",label:"created",value:l=>l.created,text:l=>l.created?po(l.created):"–"},me(
"workers","workers",l=>l.workers),{key:"length",label:"length",number:!0,text:l=>l.length||"–"}];eo.table.update(n,Le.past),Xl()}var Nd=4e3,Te={source:null,received:null,lost:null,gone:!1,ended:!1,state:null,undrawn:!1},Oo=()=>{};function nu(){Te.source?.close();let e=new EventSource("eve\
nts");Te.source=e,e.addEventListener("model",t=>{let n;try{n=JSON.parse(t.data)}catch{return}Te.received=Date.now(),Te.gone=!1,Wd(n),Fo()}),e.addEventListener("\
gone",()=>{Te.gone=!0,e.close(),tu(),Fo()}),e.addEventListener("error",()=>{Te.lost||=Date.now(),tu(),Fo(),e.readyState===EventSource.CLOSED&&!Te.ended&&!Te.gone&&
setTimeout(nu,2e3)}),e.addEventListener("open",()=>{Te.lost=null})}var ri=()=>!Te.ended||!!Le.model?.live?.stays;function tu(){Te.ended&&(Te.source?.close(),Le.
model?.live?.stays&&(Le.model.live.stays=!1,document.hidden?Te.undrawn=!0:Oo(Le.model),Ho(ri())))}function Wd(e){let t=e.live?.state??"ended";if(Te.ended=t==="e\
nded",Te.lost=null,Le.model=e,Te.state||eu(ri),Te.state!==t&&(Te.state=t,Ut(Te.ended?"The run has ended: "+Do(e.verdict_word)+".":"The run is "+t+"."),Te.ended&&
Ho(ri())),Te.ended){e.live?.stays||Te.source?.close();let n=H("stop-dialog");n.open&&n.close()}document.hidden?Te.undrawn=!0:Oo(e)}function Fo(){let e=H("connec\
tion"),[t,n]=e.children,{gone:l,lost:o,received:i,ended:u}=Te,r=!u&&(l||o!==null||i!==null&&Date.now()-i>Nd);if(e.hidden=!r,document.body.classList.toggle("old",
r),!r)return Y(t,"");let f=l?"The server has ended. The numbers are old and will not change.":o?"Connection lost. The numbers are old. Reconnecting.":"No new da\
ta. The numbers are old.";t.textContent!==f&&Ut(f),Y(t,f);let p=i===null?null:Math.round((Date.now()-i)/1e3);return Y(n,p===null?" No data has arrived.":" Last \
data "+ht(p)+" ago.")}function Id(){Y(H("stop-title"),"Stop run "+(Le.model?.run??"")+"?"),Y(H("stop-text"),"Workers stop sending within 2 s; the measurements u\
ntil then are reported."),H("stop-problem").hidden=!0,H("stop-yes").disabled=!1,H("stop-dialog").showModal(),H("stop-no").focus()}async function zd(){let e=H("s\
top-problem"),t=H("stop-yes");t.disabled=!0;try{let n=await fetch("stop",{method:"POST",headers:{"X-Vajra-Token":Ql()}});if(n.status===204){H("stop-dialog").close(),
Ut("The stop is requested.");return}Y(e,"The run was not stopped: "+(await n.text()||"answer "+n.status))}catch{Y(e,"The run was not stopped: the server does no\
t answer.")}e.hidden=!1,t.disabled=!1}function lu(e){Oo=e,Y(H("scenario"),"Load test"),Y(H("run-line"),"Waiting for the first data of the run."),H("verdict").hidden=
!0,H("stop-button").addEventListener("click",Id),H("stop-no").addEventListener("click",()=>H("stop-dialog").close()),H("stop-yes").addEventListener("click",()=>{
zd()}),document.addEventListener("visibilitychange",()=>{document.hidden||!Te.undrawn||!Le.model||(Te.undrawn=!1,Oo(Le.model))}),nu(),setInterval(Fo,1e3)}function ou(e){return e.at.length?[...(e.planned&&[{key:"planned",label:"planned",colour:"planned",dash:[6,4],width:1.6,values:e.planned}])??[],{key:"sent",label:"\
sent",colour:"sent",width:3,values:e.sent},{key:"completed",label:"completed",colour:"completed",width:1.5,values:e.completed}]:[]}var au={...wn,key:"rate",heading:"\
Rate",hint:"requests per second: planned, sent, completed",labelY:"requests per second",strip:!0,tick:e=>ke(e)==="0"&&e>0?String(e):ke(e),format:qe,draw:e=>e.at.
length&&!e.failuresOnly?ou(e):null,describe:(e,t)=>"Chart of the rate over "+ht(e.end)+": "+yl(ou(e),qe)+qd(t),rows:(e,t,n)=>bl(e,n,"rate",qe),below:e=>be(e.below,
e.model.bands,()=>e.model.bands.map(t=>v("p",{class:"band-list text"},t)))};function qd(e){let t=e.missing.length;return t?" In "+Vn(t,"interval")+" a worker’s \
part is missing.":""}var Bd=[{key:"p50",label:"p50",colour:"p50"},{key:"p90",label:"p90",colour:"p90"},{key:"p99",label:"p99",colour:"p99",width:2.2},{key:"p99_\
9",label:"p99.9",colour:"p99-9",dash:[6,3]},{key:"max",label:"max",colour:"max",dash:[2,3],width:1.4}],su=e=>Bd.map(t=>({...t,values:e[t.key].map(pn)})),uu={...wn,
key:"latency",heading:"Latency",hint:"percentiles of the requests answered in each interval",labelY:"latency",tick:Ft,format:ne,log:e=>{let[t,n]=[en(e.p50),Be(e.
max)];return t!==null&&n!==null&&t>0&&n/t>20},draw:e=>Be(e.max)===null&&Be(e.p50)===null?null:su(e),describe:e=>{let t=Be(e.max),n=Ht(e.at[e.max.indexOf(t)]??0,
e.end),l=" The slowest request took "+ne(t)+" at "+n+".";return"Chart of latency over time: "+yl(su(e),ne)+l},rows:(e,t,n)=>bl(e,n,"highest",ne)},Gd={"first byt\
e":"p50",connect:"kind-8",TLS:"kind-3"};function ai(e){return e.waits.flatMap(({name:t,p50:n,p99:l})=>{let o=Gd[t]??"muted";return[{key:t+" p50",label:t+" p50",
colour:o,dash:[6,3],values:n.map(pn),optional:t!=="first byte"},{key:t+" p99",label:t+" p99",colour:o,width:2,values:l.map(pn)}]})}var cu={...wn,key:"waits",heading:"\
First byte, connect and TLS",hint:"percentiles of measured requests, and of opening connections; click a name to show or hide its line",labelY:"time",tick:Ft,format:ne,
log:e=>{let t=ai(e).flatMap(o=>o.values),[n,l]=[en(t),Be(t)];return n!==null&&l!==null&&l/n>20},draw:e=>e.waits.length?ai(e):null,describe:e=>"Chart of the firs\
t byte and of opening connections over time: "+yl(ai(e),ne),rows:(e,t,n)=>bl(e,n,"highest",ne)};function iu(e){let t=e.users&&[{key:"users",label:"users",colour:"\
planned",dash:[6,4],values:e.users}],n=Be(e.connections)===null?[]:[{key:"connections",label:"connections",colour:"service",dash:[2,3],width:1.8,values:e.connections}];
return[...t??[],...n,{key:"in flight",label:"in flight",colour:"completed",width:2,values:e.inFlight}]}var fu={...wn,key:"open",heading:"Requests in flight and \
connections",hint:"requests without an answer at the end of each interval; the largest number of open connections; users, if the load has them",labelY:"number",
height:190,tick:il,format:ke,draw:e=>e.users||Be(e.inFlight)!==null?iu(e):null,describe:e=>"Chart of requests in flight and open connections over time: "+yl(iu(
e),ke),rows:(e,t,n)=>bl(e,n,"highest",ke)};function ru(e){let t=e.kinds.map((n,l)=>({key:n,label:Ot(n),colour:"kind-"+(l%8+1),values:e.failures[n]}));return e.failuresOnly||
mn(e.dropped)>0&&t.push({key:" dropped",label:"dropped",colour:"dropped",values:e.dropped}),t}var du={...wn,key:"errors",heading:"Failed and dropped",hint:"per \
second, by kind, stacked",labelY:"per second",stacked:!0,height:190,tick:il,format:qe,draw:e=>{let t=ru(e);return t.length?t:null},describe:(e,t)=>"Chart of fai\
led and dropped requests over time. In all: "+t.errors+". Per second: "+yl(ru(e),qe),rows:(e,t,n)=>bl(e,n,"rate",qe)};var Sl=e=>e.distribution.filter(t=>t.points.length>1),Yd={latency:{colour:"latency"},service:{colour:"service",dash:[6,3]},"first byte":{colour:"p50",dash:[2,3]},
"latency of completed":{colour:"sent"},"latency of failed":{colour:"light-bad"},"latency of all failed":{colour:"light-bad"},"latency of this kind":{colour:"lig\
ht-bad"},resolve:{colour:"kind-7",dash:[6,3]},connect:{colour:"kind-8",dash:[6,3]},TLS:{colour:"kind-3",dash:[6,3]}},pu={key:"distribution",heading:"Times by pe\
rcentile",hint:"from 90% on, each mark is ten times as rare; click a name to show or hide its line",labelX:"percentile",labelY:"time",height:290,tick:Ft,format:ne,
log:(e,t)=>{let n=Sl(t).filter(l=>l.shown).flatMap(l=>l.points.map(o=>o[1])).filter(l=>l>0);return n.length>0&&(Be(n)??0)/(en(n)??1)>30},draw:(e,t)=>{let n=Sl(t),
l=ui(n);return n.length?n.map(o=>({key:o.name,label:o.name,width:2,optional:!o.shown,...Yd[o.name]??{colour:"muted"},values:l.map(i=>pn(ci(o.points,i)))})):null},
x:(e,t)=>{let n=ui(Sl(t)),l=Math.log10(1/(1-(Be(n.filter(i=>i<1))??0))),o=Math.max(l+.05,Math.log10(Math.max(10,t.total.completed+t.total.failed)));return n.map(
i=>i>=1?o:Math.log10(1/(1-i)))},rangeX:(e,t,n)=>e.zoomed??[0,Math.max(1,n||1)],axisX:e=>({splits:(t,n,l,o)=>jd(l,o),filter:(t,n)=>n,values:(t,n)=>{let{min:l=0,max:o=1}=t.
scales.x;return Kd(n,l,o,e.plot.clientWidth-100)}}),place:(e,t)=>{let n=e.uplot?.data[0]??[];return t===n.length-1?"the maximum":Rn(1-10**-n[t])},describe:(e,t)=>"\
Chart of "+Sl(t).map(n=>n.name+" by percentile: "+[.5,.9,.99,.999,1].map(l=>Rn(l)+" "+ne(ci(n.points,l))).join(", ")).join("; ")+".",rows:(e,t,n)=>{let l=[0,.25,
.5,.75,.9,.95,.99,.995,.999,.9999,.99999,1],o=Be(ui(Sl(t)).filter(r=>r<1))??0,i=new Map(Sl(t).map(r=>[r.name,r.points])),u=l.filter(r=>r<=o||r===1).map(r=>[Rn(r),
...n.map(({key:f})=>ne(ci(i.get(f)??[],r)))]);return{columns:["percentile",...n.map(({label:r})=>r)],rows:u,note:null}}};function ui(e){return[...new Set(e.flatMap(
t=>t.points.map(n=>n[0])))].sort((t,n)=>t-n)}function ci(e,t){let n=e.find(l=>l[0]>=t-1e-12);return n?n[1]:null}function Kd(e,t,n,l){let o=-1/0;return e.map(i=>{
let u=Rn(i===0?0:1-10**-i),[r,f]=[(i-t)/(n-t)*l,u.length*3.6+3];return r-f<o?null:(o=r+f,u)})}function jd(e,t){let n=t-e<=4?[0,Math.log10(2)]:[0];for(let l=1;l<=
Math.floor(t+1e-9);l+=1)n.push(l);return n.filter(l=>l>=e-1e-9&&l<=t+1e-9)}var No={},Wo=e=>e?"bad":null;function Ud(e){let t=(n,l)=>e.some(l)?[n]:[];return[{key:"name",label:"flow",text:n=>n.name},me("started","started",n=>n.started),me(
"completed","completed",n=>n.completed),me("failed","failed",n=>n.failed,{tone:n=>Wo(n.failed)}),{key:"failed share",label:"failed %",number:!0,value:n=>n.failed_percent,
text:n=>n.failed_percent===null?"–":n.failed_percent+"%"},...t(me("starved","starved",n=>n.starved,{title:"failed because no connection was free for a later s\
tep",tone:n=>Wo(n.starved)}),n=>n.starved),me("dropped","dropped",n=>n.dropped,{tone:n=>Wo(n.dropped)}),...t(me("stopped","stopped",n=>n.stopped),n=>n.stopped),
...t(me("in_flight","in flight",n=>n.in_flight),n=>n.in_flight),{key:"rate",label:"rate",number:!0,value:n=>n.rate_per_s,text:n=>qe(n.rate_per_s)},we("p50","p50",
n=>n.p50,{title:"latency of the steps, without pauses"}),we("p95","p95",n=>n.p95),we("p99","p99",n=>n.p99),we("max","max",n=>n.max),we("session_p50","session p5\
0",n=>n.session_p50,{title:"with pauses"}),we("session_p95","session p95",n=>n.session_p95),we("session_max","session max",n=>n.session_max)]}var Zd=[{key:"name",
label:"step",text:e=>e.name},me("failed","failed",e=>e.failed,{title:"flows that ended at this step",tone:e=>Wo(e.failed)}),me("starved","starved",e=>e.starved,
{title:"the part of them that found no free connection"}),me("not_reached","not reached",e=>e.not_reached,{title:"flows that ended before this step"})];function mu({
flows:e}){if(H("flows").hidden=!e.length,!e.length)return;let t=H("flows-body");No.flows??=new yt(P(t,"rows"),"Flows by name"),No.flows.update(Ud(e),e);let n=P(
t,"steps"),l=e.flatMap(o=>o.steps).filter(o=>o.failed||o.not_reached);n.hidden=!l.length,!n.hidden&&(P(n,"title","h3").textContent="Steps at which flows ended",
No.steps??=new yt(n,"Steps at which flows ended","fit"),No.steps.update(Zd,l))}var fi=new WeakMap,hu=new WeakMap,gu={...wn,key:"heat",heading:"Requests by time and latency",hint:"the stronger the colour, the more requests",labelY:"latency",
height:270,cursorY:!0,tick:Ft,format:ke,alwaysLogarithmic:!0,draw:e=>Jd(e)?[{key:"heat",label:"requests",colour:"muted",invisible:!0,values:e.at.map(()=>null)}]:
null,rangeY:e=>{let t=to(e.facts);return[e.facts.edges[t.lowest],e.facts.edges[t.highest+1]]},paint:Qd,legend:ep,readCursor:tp,recolour:e=>{let t=fi.get(e);t&&di(
e,t)},speak:wu,describe:e=>{let t=to(e),n=ne(e.edges[t.lowest])+" to "+ne(e.edges[t.highest+1]),l=Vn(t.most,"request");return"Heat map of latency over "+ht(e.end)+
", from "+n+"; at most "+l+" in one cell."},rows:np};function to(e){let t=hu.get(e);if(t)return t;let n={lowest:1/0,highest:-1,most:0};for(let l of e.heat)for(let[
o,i]of l)i<=0||(n.lowest=Math.min(n.lowest,o),n.highest=Math.max(n.highest,o),n.most=Math.max(n.most,i));return hu.set(e,n),n}var Jd=e=>to(e).most>0;function $d(e,t){
return t<=1?Nn-1:Math.round(Math.log(e)/Math.log(t)*(Nn-1))}function Qd(e,t){let{facts:n}=t,{ctx:l,bbox:o}=e,i=to(n),{min:u=0,max:r=n.end}=e.scales.x,f=Math.max(
0,Math.floor((u-n.at[0])/n.step)),p=Math.min(n.at.length-1,Math.ceil((r-n.at[0])/n.step)),w=Math.max(1,Math.ceil((p-f+1)/o.width)),h=n.edges.map(C=>Math.round(e.
valToPos(Math.max(C,1e-6),"y",!0))),b=Array.from({length:Nn},()=>[]);for(let C=f;C<=p;C+=w){let T=Math.round(e.valToPos(n.at[C],"x",!0)),D=Math.round(e.valToPos(
n.at[C]+n.step*w,"x",!0)),q=Math.max(1,D-T);for(let[B,S]of Xd(n.heat,C,Math.min(C+w,p+1)))b[$d(S,i.most)].push(T,h[B+1],q,Math.max(1,h[B]-h[B+1]))}l.save(),l.beginPath(),
l.rect(o.left,o.top,o.width,o.height),l.clip();for(let[C,T]of b.entries()){l.fillStyle=Ks()[C];for(let D=0;D<T.length;D+=4)l.fillRect(T[D],T[D+1],T[D+2],T[D+3])}
l.restore()}function Xd(e,t,n){if(n-t<=1)return e[t].filter(([,o])=>o>0);let l=new Map;for(let o=t;o<n;o+=1)for(let[i,u]of e[o])l.set(i,Math.max(l.get(i)??0,u));
return l}function ep(e){let t={bar:v("canvas",{class:"bar",width:Nn,height:1,"aria-hidden":"true"}),most:v("span"),read:v("output")};fi.set(e,t),e.legend.replaceChildren(
v("div",{class:"heat-legend"},v("span",{},"1"),t.bar,t.most,v("span",{class:"muted"},"in one cell, logarithmic"),e.when,t.read)),di(e,t)}function di(e,t){let n=Gl(
t.bar);Ks().forEach((l,o)=>{n.fillStyle=l,n.fillRect(o,0,1,1)}),Y(t.most,Vn(to(e.facts).most,"request"))}function tp(e,t){let n=fi.get(e);if(!n||!e.uplot)return;
if(di(e,n),t===null)return Y(n.read,"");let{facts:l,uplot:o}=e,{top:i,event:u}=o.cursor,r=e.byKey||!ce(i)?null:o.posToVal(i,"y"),f=r===null?-1:l.edges.findIndex(
(h,b)=>h<=r&&r<l.edges[b+1]);if(f<0||!u)return Y(n.read,wu(e,t));let p=l.heat[t].find(([h])=>h===f),w=ne(l.edges[f])+" to "+ne(l.edges[f+1]);return Y(n.read,w+"\
: "+Vn(p?p[1]:0,"request"))}function wu(e,t){let{edges:n,heat:l}=e.facts,o=l[t];if(!o.length)return"no requests measured";let[i]=o.reduce((r,f)=>f[1]>r[1]?f:r);
return Vn(mn(o.map(r=>r[1])),"request")+", most of them "+ne(n[i])+" to "+ne(n[i+1])}function np(e){let t=Math.max(1,Math.ceil(e.at.length/js)),n=[];for(let l=0;l<
e.at.length;l+=t){let o=new Map;for(let r=l;r<Math.min(l+t,e.at.length);r+=1)for(let[f,p]of e.heat[r])o.set(f,(o.get(f)??0)+p);let i=[...o.keys()];if(!i.length){
n.push([Ht(e.at[l],e.end),"0","–","–","–"]);continue}let u=i.reduce((r,f)=>(o.get(f)??0)>(o.get(r)??0)?f:r);n.push([Ht(e.at[l],e.end),ke(mn([...o.values()])),
ne(e.edges[Math.min(...i)]),ne(e.edges[u])+" to "+ne(e.edges[u+1]),ne(e.edges[Math.max(...i)+1])])}return{columns:["from","requests","fastest above","most of th\
em","slowest below"],rows:n,note:t*e.step>1?"Each row is "+ht(t*e.step)+".":null}}var yu=e=>({key:"name",label:e,value:t=>t.name,text:t=>t.name||"(no name)"}),lp=e=>e.failed_percent===null?"–":e.failed_percent+"%";function op(e){let t={minor:!0};
return[yu(e),me("sent","sent",n=>n.sent),me("completed","completed",n=>n.completed),me("failed","failed",n=>n.failed,{tone:n=>n.failed?"bad":null}),{key:"failed\
 share",label:"failed %",number:!0,value:n=>n.failed_percent,text:lp},me("dropped","dropped",n=>n.dropped,{tone:n=>n.dropped?"bad":null}),me("retries","retries",
n=>n.retries,t),{key:"rate",label:"rate",number:!0,value:n=>n.rate_per_s,text:n=>qe(n.rate_per_s)},we("p50","p50",n=>n.p50),we("p90","p90",n=>n.p90),we("p95","p\
95",n=>n.p95),we("p99","p99",n=>n.p99),we("p99_9","p99.9",n=>n.p99_9),we("max","max",n=>n.max),we("mean","mean",n=>n.mean,t),we("service_p50","service p50",n=>n.
service_p50),we("service_p99","service p99",n=>n.service_p99),we("first_byte_p50","first byte p50",n=>n.first_byte_p50,t),we("first_byte_p99","first byte p99",n=>n.
first_byte_p99,t),we("lag_p99","lag p99",n=>n.lag_p99),{key:"body_bytes",label:"received",number:!0,minor:!0,value:n=>n.body_bytes,text:n=>n.received}]}function sp(e,t){
let n=[...new Set(e.flatMap(o=>Object.keys(o.failures)))].sort(),l=[...new Set(e.flatMap(o=>Object.keys(o.statuses)))].sort();return[yu(t),...n.map(o=>me("faile\
d "+o,Ot(o),i=>i.failures[o]??0,{title:"failed: "+Ot(o),tone:i=>i.failures[o]?"bad":null})),...l.map(o=>me("status "+o,"status "+o,i=>i.statuses[o]??0))]}var bn={};
function vu(e,t,n,l,o){let i=n==="request"?"Failures and statuses":"Failures and statuses by "+n,u=t??{rows:new yt(e,n==="request"?"Requests by name":"Requests \
by "+n),failures:new yt(P(e,"failures"),"Failures and statuses by "+n,"fit")},r=P(e,"failures");t||r.prepend(P(r,"title","h3")),P(r,"title","h3").textContent=i;
let f=l.length>1&&o?{...o,name:"all"}:null;u.rows.update(op(n),l,{total:f});let p=sp([...l,...o?[o]:[]],n);return r.hidden=p.length===1,u.failures.update(p,l,{total:f}),
u}function xu(e){let t=H("requests"),n=H("requests-body");t.hidden=!e.requests.length,!t.hidden&&(bn.requests=vu(n,bn.requests,"request",e.requests,e.total),ip(
n,e.failures),bn.populations=bu(P(n,"populations"),bn.populations,"Populations","population",e.populations),bn.regions=bu(P(n,"regions"),bn.regions,"Regions","r\
egion",e.regions))}function bu(e,t,n,l,o){return e.hidden=!o.length,e.hidden?t:(P(e,"title","h3").textContent=n,vu(e,t,l,o,null))}function ip(e,t){let n=P(e,"re\
asons");if(n.hidden=!t.length,n.hidden)return;P(n,"title","h3").textContent="Reasons of failures",bn.reasons??=new yt(n,"Reasons of failures","fit");let l=[{key:"\
reason",label:"reason",text:u=>u.reason},{key:"kind",label:"failed by",text:u=>Ot(u.kind)},me("count","count",u=>u.count),{key:"request",label:"request",text:u=>u.
request},{key:"origin",label:"origin",text:u=>u.origin??"–"},{key:"first",label:"first arrivals",value:u=>u.first[0],text:u=>u.first.join(", ")},{key:"advice",
label:"what to do",text:u=>u.advice??""}];bn.reasons.update(l,t,{limit:50});let[o]=t.flatMap(u=>u.first),i=P(n,"again","p",{class:"text"});i.hidden=o===void 0,i.
textContent="Send one of them again: vajra-cloud try SCENARIO --arrival "+o}/*! The charts are drawn by uPlot (MIT), copyright (c) 2022 Leon Sorokin. */var rp=690;function ap(e){H("verdict").hidden=!1,Oa(e),Ja(e),Na(e)}function mi(e){Fa(
e,()=>{Le.model&&mi(Le.model)});let t=Ha(e),{facts:n,model:l}=t;up(t),pi("spread",pu,n,l),pi("against",Ui,n,l),pi("heat",gu,n,l),Xl()}function pi(e,t,n,l){H(e).
hidden=!1,H(e).hidden=!Wn(H(e+"-body"),t,n,l)}function up({facts:e,failed:t,waits:n,model:l}){let o=H("over-time-body");if(H("over-time").hidden=!t.at.length,!t.
at.length)return;Wn(o,au,e,l),Wn(o,uu,e,l),Wn(o,cu,n,l),Wn(o,fu,e,l);let i=Wn(o,du,t,l);Y(P(o,"no-errors","p",{class:"muted"}),i?"":"No request failed, and none\
 was dropped."),Y(P(o,"help","p",{class:"muted band-list help"}),"Drag over a chart to zoom, double click to reset. With the keyboard: arrow keys move, + and − \
zoom, 0 resets.")}function ku(e){mu(e),xu(e),ja(e),$a(e),Qa(e),Xa(e),Xl()}function Tu(e){if(ap(e),Le.ready){mi(e),ku(e);return}(n=>document.hidden?setTimeout(n):
requestAnimationFrame(n))(()=>setTimeout(()=>{mi(e),setTimeout(()=>{ku(e),Le.ready=!0},0)},0))}var Su=()=>document.querySelectorAll(".worker-grid canvas");function cp(){
Ys();for(let e of $l.values())e.uplot?.redraw(!1,!0),e.definition.recolour?.(e);for(let e of Su())e.width!==300&&kl(e)}function _u(e){document.documentElement.classList.
toggle("printing",e),Ys();for(let t of $l.values()){if(!t.uplot||t.figure.hidden)continue;let n=t.definition.height??Vo;t.uplot.setSize({width:e?rp:t.plot.clientWidth,
height:n}),t.definition.recolour?.(t)}for(let t of Su())kl(t)}matchMedia("(prefers-color-scheme: dark)").addEventListener("change",cp);window.addEventListener("\
beforeprint",()=>_u(!0));window.addEventListener("afterprint",()=>_u(!1));Ro?lu(Tu):(Le.model=JSON.parse(H("model").textContent??"null"),Le.model&&Tu(Le.model));})();
