"use strict";(()=>{function N(e){let t=document.getElementById(e);if(!t)throw new Error("the page has no element "+e);return t}function v(e,t={},...n){let l=document.createElement(
e);for(let[o,i]of Object.entries(t))i==null||i===!1||l.setAttribute(o,i===!0?"":String(i));return l.append(...n.filter(o=>o!=null)),l}function cn(e,t){for(let[n,
l]of Object.entries(t))e.addEventListener(n,l);return e}function fn(e,t,n={}){return cn(v("button",{type:"button",...n},e),{click:t})}function _n(e,t,n,l=1){let o=r=>r>=
l?"number":null,i=(r,f)=>v("th",{scope:"col",class:o(f)},r),u=(r,f)=>v(f?"td":"th",{scope:f?null:"row",class:o(f)},r);return v("table",{},v("caption",{},e),t&&v(
"thead",{},v("tr",{},...t.map(i))),v("tbody",{},...n.map(r=>v("tr",{},...r.map(u)))))}function Xt(e,t,n=""){return v("div",{class:("scroll "+n).trim(),role:"reg\
ion",tabindex:"0","aria-label":e},t)}function Mt(e){return e.length?v("ul",{class:"lines"},...e.map(t=>v("li",{},t))):null}function El(e){return v("dl",{class:"\
facts-table"},...e.flatMap(([t,n])=>[v("dt",{},t),v("dd",{},n)]))}function Y(e,t){e.textContent!==t&&(e.textContent=t)}var Ii=new WeakMap;function ge(e,t,n){let l=JSON.
stringify(t);Ii.get(e)!==l&&(Ii.set(e,l),e.replaceChildren(...n().filter(o=>o!=null)))}var zi=new WeakMap;function I(e,t,n="div",l={}){let o=zi.get(e)??new Map;
zi.set(e,o);let i=o.get(t);return i||(i=e.appendChild(v(n,l)),o.set(t,i)),i}function Kt(e){Y(N("spoken"),e)}var is=new Intl.NumberFormat("en-US",{maximumFractionDigits:0}),ce=e=>typeof e=="number"&&Number.isFinite(e);function ve(e){return ce(e)?is.format(e):"–"}function se(e){
if(!ce(e))return"–";let t=Math.round(Math.abs(e)*1e6),n=1;for(;t/n>=1e3&&n<1e9;)n*=10;let l=Math.floor((t+Math.floor(n/2))/n)*n;if(l===0)return"0";let[o,i]=l<
1e3?[1,"ns"]:l<1e6?[1e3,"us"]:l<1e9?[1e6,"ms"]:[1e9,"s"];return(e<0?"-":"")+Number((l/o).toPrecision(12))+i}function Qe(e){if(!ce(e))return"–";let t=n=>(Math.
round(e*10**n)/10**n).toFixed(n);return(e>=1e4?is.format(Math.round(e)):t(e>=100?1:2))+"/s"}function ht(e){if(!ce(e))return"–";if(e<60)return Math.round(e*10)/
10+" s";let t=Math.round(e),[n,l,o]=[Math.floor(t/3600),Math.floor(t/60)%60,t%60];return[n?n+" h":"",l?l+" min":"",o?o+" s":""].filter(Boolean).join(" ")}function Pt(e,t){
if(t<=180)return Number(e.toFixed(1))+" s";let n=Math.round(e),[l,o,i]=[Math.floor(n/3600),Math.floor(n/60)%60,String(n%60).padStart(2,"0")];return l?l+":"+String(
o).padStart(2,"0")+":"+i:o+":"+i}function Rl(e){if(e>=1)return"max";let t=Math.max(0,Math.min(6,Math.ceil(-Math.log10(1-e)-1e-9)-1));return Number((e*100).toFixed(
t))+"%"}function jt(e){return e===0?"0":se(e)}function Cn(e){return Math.abs(e)>=999.5?is.format(e):String(Number(e.toPrecision(3)))}function qi(e){let t=["B","\
kB","MB","GB","TB"],n=0;for(;e>=999.5&&n<t.length-1;)e/=1e3,n+=1;return Cn(e)+" "+t[n]}function Bi(e){let t=new Date(e);return Number.isNaN(t.getTime())?e:t.toISOString().
slice(0,19).replace("T"," ")+" UTC"}function Ln(e,t,n=t+"s"){return ve(e)+" "+(e===1?t:n)}var At=e=>e.replaceAll("_"," ");var Gi=.001,rs=e=>e.filter(ce),ll=e=>ce(e)?Math.max(e,Gi):null;function Xe(e){let t=null;for(let n of e)ce(n)&&(t===null||n>t)&&(t=n);return t}function dn(e){let t=null;
for(let n of e)ce(n)&&(t===null||n<t)&&(t=n);return t}function pn(e){return rs(e).reduce((t,n)=>t+n,0)}function fo(e,t){let{at:n,lengths:l}=e,o=n.length>1?n[1]-
n[0]:l[0]??1,i=n.length-1,u=p=>p.map((w,h)=>ce(w)?w/l[h]:null),r=p=>p.map((w,h)=>e.whole[h]?w:null),f=Object.keys(e.failures).filter(p=>pn(e.failures[p])>0);return{
at:n,step:o,end:n.length?n[i]+l[i]:0,kinds:f,middle:n.map((p,w)=>p+(w===i?o:l[w])/2),planned:e.planned&&r(u(e.planned)),users:e.users,inFlight:e.in_flight,sent:r(
u(e.sent)),completed:r(u(e.completed)),dropped:u(e.dropped),failures:Object.fromEntries(f.map(p=>[p,u(e.failures[p])])),p50:e.p50,p90:e.p90,p99:e.p99,p99_9:e.p99_9,
max:e.max,heat:t.seconds,edges:t.edges.map(p=>Math.max(p,Gi)),failuresOnly:!1}}var en=e=>e.against?.points??[],as=(e,t)=>e.against?.load==="users"?Cn(t)+" users":Qe(t),Ju=[{key:"p50",label:"p50",colour:"p50"},{key:"p90",label:"p90",colour:"\
p90"},{key:"p99",label:"p99",colour:"p99",width:2.2}],Yi={key:"against",heading:"Latency by load",hint:"each point contains all measured seconds of about the sa\
me load",labelX:e=>e.against?.load==="users"?"users":"planned requests per second",labelY:"latency",height:260,points:!0,tick:jt,format:se,log:(e,t)=>{let[n,l]=[
dn(en(t).map(o=>o.p50)),Xe(en(t).map(o=>o.p99))];return n!==null&&l!==null&&n>0&&l/n>20},draw:(e,t)=>t.against?Ju.map(n=>({...n,values:en(t).map(l=>ll(l[n.key]))})):
null,x:(e,t)=>en(t).map(n=>n.load),rangeX:(e,t,n)=>e.zoomed??[t,n],axisX:()=>({values:(e,t)=>t.map(Cn)}),place:(e,t)=>as(e.model,en(e.model)[t].load),describe:(e,t)=>{
let[n,l]=[en(t)[0],en(t)[en(t).length-1]],o=i=>as(t,i.load)+" p50 "+se(i.p50)+", p99 "+se(i.p99);return"Chart of latency by load: at "+o(n)+"; at "+o(l)+"."},rows:(e,t)=>({
columns:[t.against?.load??"load","seconds","completed","p50","p90","p99"],rows:en(t).map(n=>[as(t,n.load),ve(n.seconds),Qe(n.completed),se(n.p50),se(n.p90),se(n.
p99)]),note:null})};var $u="uplot",Qu="u-hz",Xu="u-vt",ec="u-title",tc="u-wrap",nc="u-under",lc="u-over",oc="u-axis",Vn="u-off",sc="u-select",ic="u-cursor-x",rc="u-cursor-y",ac="u-\
cursor-pt",uc="u-legend",cc="u-live",fc="u-inline",dc="u-series",pc="u-marker",Ki="u-label",mc="u-value",Dl="width",Pl="height";var ji="bottom",ol="left",us="right",_s="#000",Ui=_s+"0",cs="mousemove",Zi="mousedown",fs="mouseup",Ji="mouseenter",$i="mouseleave",Qi="dblclick",hc="resize",gc="\
scroll",Xi="change",wo="dppxchange",Cs="--",fl=typeof window<"u",gs=fl?document:null,il=fl?window:null,wc=fl?navigator:null,fe,po;function ws(){let e=devicePixelRatio;
fe!=e&&(fe=e,po&&ys(Xi,po,ws),po=matchMedia(`(min-resolution: ${fe-.001}dppx) and (max-resolution: ${fe+.001}dppx)`),Dn(Xi,po,ws),il.dispatchEvent(new CustomEvent(
wo)))}function gt(e,t){if(t!=null){let n=e.classList;!n.contains(t)&&n.add(t)}}function bs(e,t){let n=e.classList;n.contains(t)&&n.remove(t)}function Me(e,t,n){
e.style[t]=n+"px"}function Ht(e,t,n,l){let o=gs.createElement(e);return t!=null&&gt(o,t),n?.insertBefore(o,l),o}function _t(e,t){return Ht("div",e,t)}var er=new WeakMap;
function Ut(e,t,n,l,o){let i="translate("+t+"px,"+n+"px)",u=er.get(e);i!=u&&(e.style.transform=i,er.set(e,i),t<0||n<0||t>l||n>o?gt(e,Vn):bs(e,Vn))}var tr=new WeakMap;
function nr(e,t,n){let l=t+n,o=tr.get(e);l!=o&&(tr.set(e,l),e.style.background=t,e.style.borderColor=n)}var lr=new WeakMap;function or(e,t,n,l){let o=t+""+n,i=lr.
get(e);o!=i&&(lr.set(e,o),e.style.height=n+"px",e.style.width=t+"px",e.style.marginLeft=l?-t/2+"px":0,e.style.marginTop=l?-n/2+"px":0)}var Ls={passive:!0},bc={...Ls,
capture:!0};function Dn(e,t,n,l){t.addEventListener(e,n,l?bc:Ls)}function ys(e,t,n,l){t.removeEventListener(e,n,Ls)}fl&&ws();function Ft(e,t,n,l){let o;n=n||0,l=
l||t.length-1;let i=l<=2147483647;for(;l-n>1;)o=i?n+l>>1:wt((n+l)/2),t[o]<e?n=o:l=o;return e-t[n]<=t[l]-e?n:l}function Dr(e){return(n,l,o)=>{let i=-1,u=-1;for(let r=l;r<=
o;r++)if(e(n[r])){i=r;break}for(let r=o;r>=l;r--)if(e(n[r])){u=r;break}return[i,u]}}var Pr=e=>e!=null,Ar=e=>e!=null&&e>0,vo=Dr(Pr),yc=Dr(Ar);function vc(e,t,n,l=0,o=!1){
let i=o?yc:vo,u=o?Ar:Pr;[t,n]=i(e,t,n);let r=e[t],f=e[t];if(t>-1)if(l==1)r=e[t],f=e[n];else if(l==-1)r=e[n],f=e[t];else for(let p=t;p<=n;p++){let w=e[p];u(w)&&(w<
r?r=w:w>f&&(f=w))}return[r??we,f??-we]}function xo(e,t,n,l){let o=rr(e),i=rr(t);e==t&&(o==-1?(e*=n,t/=n):(e/=n,t*=n));let u=n==10?tn:Hr,r=o==1?wt:Ct,f=i==1?Ct:wt,
p=r(u(qe(e))),w=f(u(qe(t))),h=rl(n,p),b=rl(n,w);return n==10&&(p<0&&(h=be(h,-p)),w<0&&(b=be(b,-w))),l||n==2?(e=h*o,t=b*i):(e=Wr(e,h),t=To(t,b)),[e,t]}function Es(e,t,n,l){
let o=xo(e,t,n,l);return e==0&&(o[0]=0),t==0&&(o[1]=0),o}var Rs=.1,sr={mode:3,pad:Rs},Hl={pad:0,soft:null,mode:0},xc={min:Hl,max:Hl};function bo(e,t,n,l){return ko(
n)?ir(e,t,n):(Hl.pad=n,Hl.soft=l?0:null,Hl.mode=l?3:0,ir(e,t,xc))}function ae(e,t){return e??t}function Tc(e,t,n){for(t=ae(t,0),n=ae(n,e.length-1);t<=n;){if(e[t]!=
null)return!0;t++}return!1}function ir(e,t,n){let l=n.min,o=n.max,i=ae(l.pad,0),u=ae(o.pad,0),r=ae(l.hard,-we),f=ae(o.hard,we),p=ae(l.soft,we),w=ae(o.soft,-we),
h=ae(l.mode,0),b=ae(o.mode,0),C=t-e,k=tn(C),D=it(qe(e),qe(t)),q=tn(D),B=qe(q-k);(C<1e-24||B>10)&&(C=0,(e==0||t==0)&&(C=1e-24,h==2&&p!=we&&(i=0),b==2&&w!=-we&&(u=
0)));let S=C||D||1e3,z=tn(S),M=rl(10,wt(z)),Q=S*(C==0?e==0?.1:1:i),P=be(Wr(e-Q,M/10),24),X=e>=p&&(h==1||h==3&&P<=p||h==2&&P>=p)?p:we,Z=it(r,P<X&&e>=X?X:Ot(X,P)),
ne=S*(C==0?t==0?.1:1:u),U=be(To(t+ne,M/10),24),_=t<=w&&(b==1||b==3&&U>=w||b==2&&U<=w)?w:-we,$=Ot(f,U>_&&t<=_?_:it(_,U));return Z==$&&Z==0&&($=100),[Z,$]}var kc=new Intl.
NumberFormat(fl?wc.language:"en-US"),Vs=e=>kc.format(e),bt=Math,go=bt.PI,qe=bt.abs,wt=bt.floor,ze=bt.round,Ct=bt.ceil,Ot=bt.min,it=bt.max,rl=bt.pow,rr=bt.sign,tn=bt.
log10,Hr=bt.log2,Sc=(e,t=1)=>bt.sinh(e)*t,ds=(e,t=1)=>bt.asinh(e/t),we=1/0;function ar(e){return(tn((e^e>>31)-(e>>31))|0)+1}function vs(e,t,n){return Ot(it(e,t),
n)}function Fr(e){return typeof e=="function"}function le(e){return Fr(e)?e:()=>e}var Mc=()=>{},Or=e=>e,Nr=(e,t)=>t,_c=e=>null,ur=e=>!0,cr=(e,t)=>e==t,Cc=/\.\d*?(?=9{6,}|0{6,})/gm,
Pn=e=>{if(zr(e)||hn.has(e))return e;let t=`${e}`,n=t.match(Cc);if(n==null)return e;let l=n[0].length-1;if(t.indexOf("e-")!=-1){let[o,i]=t.split("e");return+`${Pn(
o)}e${i}`}return be(e,l)};function En(e,t){return Pn(be(Pn(e/t))*t)}function To(e,t){return Pn(Ct(Pn(e/t))*t)}function Wr(e,t){return Pn(wt(Pn(e/t))*t)}function be(e,t=0){
if(zr(e))return e;let n=10**t,l=e*n*(1+Number.EPSILON);return ze(l)/n}var hn=new Map;function Ir(e){return((""+e).split(".")[1]||"").length}function Ol(e,t,n,l){
let o=[],i=l.map(Ir);for(let u=t;u<n;u++){let r=qe(u),f=be(rl(e,u),r);for(let p=0;p<l.length;p++){let w=e==10?+`${l[p]}e${u}`:l[p]*f,h=(u>=0?0:r)+(u>=i[p]?0:i[p]),
b=e==10?w:be(w,h);o.push(b),hn.set(b,h)}}return o}var Fl={},Ds=[],al=[null,null],mn=Array.isArray,zr=Number.isInteger,Lc=e=>e===void 0;function fr(e){return typeof e==
"string"}function ko(e){let t=!1;if(e!=null){let n=e.constructor;t=n==null||n==Object}return t}function Ec(e){return e!=null&&typeof e=="object"}var Rc=Object.getPrototypeOf(
Uint8Array),qr="__proto__";function ul(e,t=ko){let n;if(mn(e)){let l=e.find(o=>o!=null);if(mn(l)||t(l)){n=Array(e.length);for(let o=0;o<e.length;o++)n[o]=ul(e[o],
t)}else n=e.slice()}else if(e instanceof Rc)n=e.slice();else if(t(e)){n={};for(let l in e)l!=qr&&(n[l]=ul(e[l],t))}else n=e;return n}function Fe(e){let t=arguments;
for(let n=1;n<t.length;n++){let l=t[n];for(let o in l)o!=qr&&(ko(e[o])?Fe(e[o],ul(l[o])):e[o]=ul(l[o]))}return e}var Vc=0,Dc=1,Pc=2;function Ac(e,t,n){for(let l=0,
o,i=-1;l<t.length;l++){let u=t[l];if(u>i){for(o=u-1;o>=0&&e[o]==null;)e[o--]=null;for(o=u+1;o<n&&e[o]==null;)e[i=o++]=null}}}function Hc(e,t){if(Nc(e)){let u=e[0].
slice();for(let r=1;r<e.length;r++)u.push(...e[r].slice(1));return Wc(u[0])||(u=Oc(u)),u}let n=new Set;for(let u=0;u<e.length;u++){let f=e[u][0],p=f.length;for(let w=0;w<
p;w++)n.add(f[w])}let l=[Array.from(n).sort((u,r)=>u-r)],o=l[0].length,i=new Map;for(let u=0;u<o;u++)i.set(l[0][u],u);for(let u=0;u<e.length;u++){let r=e[u],f=r[0];
for(let p=1;p<r.length;p++){let w=r[p],h=Array(o).fill(void 0),b=t?t[u][p]:Dc,C=[];for(let k=0;k<w.length;k++){let D=w[k],q=i.get(f[k]);D===null?b!=Vc&&(h[q]=D,
b==Pc&&C.push(q)):h[q]=D}Ac(h,C,o),l.push(h)}}return l}var Fc=typeof queueMicrotask>"u"?e=>Promise.resolve().then(e):queueMicrotask;function Oc(e){let t=e[0],n=t.
length,l=Array(n);for(let i=0;i<l.length;i++)l[i]=i;l.sort((i,u)=>t[i]-t[u]);let o=[];for(let i=0;i<e.length;i++){let u=e[i],r=Array(n);for(let f=0;f<n;f++)r[f]=
u[l[f]];o.push(r)}return o}function Nc(e){let t=e[0][0],n=t.length;for(let l=1;l<e.length;l++){let o=e[l][0];if(o.length!=n)return!1;if(o!=t){for(let i=0;i<n;i++)
if(o[i]!=t[i])return!1}}return!0}function Wc(e,t=100){let n=e.length;if(n<=1)return!0;let l=0,o=n-1;for(;l<=o&&e[l]==null;)l++;for(;o>=l&&e[o]==null;)o--;if(o<=
l)return!0;let i=it(1,wt((o-l+1)/t));for(let u=e[l],r=l+i;r<=o;r+=i){let f=e[r];if(f!=null){if(f<=u)return!1;u=f}}return!0}var Br=["January","February","March",
"April","May","June","July","August","September","October","November","December"],Gr=["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"];function Yr(e){
return e.slice(0,3)}var Ic=Gr.map(Yr),zc=Br.map(Yr),qc={MMMM:Br,MMM:zc,WWWW:Gr,WWW:Ic};function Vl(e){return(e<10?"0":"")+e}function Bc(e){return(e<10?"00":e<100?
"0":"")+e}var Gc={YYYY:e=>e.getFullYear(),YY:e=>(e.getFullYear()+"").slice(2),MMMM:(e,t)=>t.MMMM[e.getMonth()],MMM:(e,t)=>t.MMM[e.getMonth()],MM:e=>Vl(e.getMonth()+
1),M:e=>e.getMonth()+1,DD:e=>Vl(e.getDate()),D:e=>e.getDate(),WWWW:(e,t)=>t.WWWW[e.getDay()],WWW:(e,t)=>t.WWW[e.getDay()],HH:e=>Vl(e.getHours()),H:e=>e.getHours(),
h:e=>{let t=e.getHours();return t==0?12:t>12?t-12:t},AA:e=>e.getHours()>=12?"PM":"AM",aa:e=>e.getHours()>=12?"pm":"am",a:e=>e.getHours()>=12?"p":"a",mm:e=>Vl(e.
getMinutes()),m:e=>e.getMinutes(),ss:e=>Vl(e.getSeconds()),s:e=>e.getSeconds(),fff:e=>Bc(e.getMilliseconds())};function Ps(e,t){t=t||qc;let n=[],l=/\{([a-z]+)\}|[^{]+/gi,
o;for(;o=l.exec(e);)n.push(o[0][0]=="{"?Gc[o[1]]:o[0]);return i=>{let u="";for(let r=0;r<n.length;r++)u+=typeof n[r]=="string"?n[r]:n[r](i,t);return u}}var Yc=new Intl.
DateTimeFormat().resolvedOptions().timeZone;function Kc(e,t){let n;return t=="UTC"||t=="Etc/UTC"?n=new Date(+e+e.getTimezoneOffset()*6e4):t==Yc?n=e:(n=new Date(
e.toLocaleString("en-US",{timeZone:t})),n.setMilliseconds(e.getMilliseconds())),n}var Kr=e=>e%1==0,yo=[1,2,2.5,5],jc=Ol(10,-32,0,yo),jr=Ol(10,0,32,yo),Uc=jr.filter(
Kr),Rn=jc.concat(jr),As=`
`,Ur="{YYYY}",dr=As+Ur,Zr="{M}/{D}",Al=As+Zr,mo=Al+"/{YY}",Jr="{aa}",Zc="{h}:{mm}",sl=Zc+Jr,pr=As+sl,mr=":{ss}",pe=null;function $r(e){let t=e*1e3,n=t*60,l=n*60,
o=l*24,i=o*30,u=o*365,f=(e==1?Ol(10,0,3,yo).filter(Kr):Ol(10,-3,0,yo)).concat([t,t*5,t*10,t*15,t*30,n,n*5,n*10,n*15,n*30,l,l*2,l*3,l*4,l*6,l*8,l*12,o,o*2,o*3,o*
4,o*5,o*6,o*7,o*8,o*9,o*10,o*15,i,i*2,i*3,i*4,i*6,u,u*2,u*5,u*10,u*25,u*50,u*100]),p=[[u,Ur,pe,pe,pe,pe,pe,pe,1],[o*28,"{MMM}",dr,pe,pe,pe,pe,pe,1],[o,Zr,dr,pe,
pe,pe,pe,pe,1],[l,"{h}"+Jr,mo,pe,Al,pe,pe,pe,1],[n,sl,mo,pe,Al,pe,pe,pe,1],[t,mr,mo+" "+sl,pe,Al+" "+sl,pe,pr,pe,1],[e,mr+".{fff}",mo+" "+sl,pe,Al+" "+sl,pe,pr,
pe,1]];function w(h){return(b,C,k,D,q,B)=>{let S=[],z=q>=u,M=q>=i&&q<u,Q=h(k),P=be(Q*e,3),X=ps(Q.getFullYear(),z?0:Q.getMonth(),M||z?1:Q.getDate()),Z=be(X*e,3);
if(M||z){let ne=M?q/i:0,U=z?q/u:0,_=P==Z?P:be(ps(X.getFullYear()+U,X.getMonth()+ne,1)*e,3),$=new Date(ze(_/e)),A=$.getFullYear(),K=$.getMonth();for(let W=0;_<=D;W++){
let oe=ps(A+U*W,K+ne*W,1),O=oe-h(be(oe*e,3));_=be((+oe+O)*e,3),_<=D&&S.push(_)}}else{let ne=q>=o?o:q,U=wt(k)-wt(P),_=Z+U+To(P-Z,ne);S.push(_);let $=h(_),A=$.getHours()+
$.getMinutes()/n+$.getSeconds()/l,K=q/l,W=b.axes[C]._space,oe=B/W;for(;_=be(_+q,e==1?0:3),!(_>D);)if(K>1){let O=wt(be(A+K,6))%24,ie=h(_).getHours()-O;ie>1&&(ie=
-1),_-=ie*l,A=(A+K)%24;let me=S[S.length-1];be((_-me)/q,3)*oe>=.7&&S.push(_)}else S.push(_)}return S}}return[f,p,w]}var[Jc,$c,Qc]=$r(1),[Xc,ef,tf]=$r(.001);Ol(2,
-53,53,[1]);function hr(e,t){return e.map(n=>n.map((l,o)=>o==0||o==8||l==null?l:t(o==1||n[8]==0?l:n[1]+l)))}function gr(e,t){return(n,l,o,i,u)=>{let r=t.find(k=>u>=
k[0])||t[t.length-1],f,p,w,h,b,C;return l.map(k=>{let D=e(k),q=D.getFullYear(),B=D.getMonth(),S=D.getDate(),z=D.getHours(),M=D.getMinutes(),Q=D.getSeconds(),P=q!=
f&&r[2]||B!=p&&r[3]||S!=w&&r[4]||z!=h&&r[5]||M!=b&&r[6]||Q!=C&&r[7]||r[1];return f=q,p=B,w=S,h=z,b=M,C=Q,P(D)})}}function nf(e,t){let n=Ps(t);return(l,o,i,u,r)=>o.
map(f=>n(e(f)))}function ps(e,t,n){return new Date(e,t,n)}function wr(e,t){return t(e)}var lf="{YYYY}-{MM}-{DD} {h}:{mm}{aa}";function br(e,t){return(n,l,o,i)=>i==
null?Cs:t(e(l))}function of(e,t){let n=e.series[t];return n.width?n.stroke(e,t):n.points.width?n.points.stroke(e,t):null}function sf(e,t){return e.series[t].fill(
e,t)}var rf={show:!0,live:!0,isolate:!1,mount:Mc,markers:{show:!0,width:2,stroke:of,fill:sf,dash:"solid"},idx:null,idxs:null,values:[]};function af(e,t){let n=e.
cursor.points,l=_t(),o=n.size(e,t);Me(l,Dl,o),Me(l,Pl,o);let i=o/-2;Me(l,"marginLeft",i),Me(l,"marginTop",i);let u=n.width(e,t,o);return u&&Me(l,"borderWidth",u),
l}function uf(e,t){let n=e.series[t].points;return n._fill||n._stroke}function cf(e,t){let n=e.series[t].points;return n._stroke||n._fill}function ff(e,t){return e.
series[t].points.size}var ms=[0,0];function df(e,t,n){return ms[0]=t,ms[1]=n,ms}function ho(e,t,n,l=!0){return o=>{o.button==0&&(!l||o.target==t)&&n(o)}}function hs(e,t,n,l=!0){
return o=>{(!l||o.target==t)&&n(o)}}var pf={show:!0,x:!0,y:!0,lock:!1,move:df,points:{one:!1,show:af,size:ff,width:0,stroke:cf,fill:uf},bind:{mousedown:ho,mouseup:ho,
click:ho,dblclick:ho,mousemove:hs,mouseleave:hs,mouseenter:hs},drag:{setScale:!0,x:!0,y:!1,dist:0,uni:null,click:(e,t)=>{t.stopPropagation(),t.stopImmediatePropagation()},
_x:!1,_y:!1},focus:{dist:(e,t,n,l,o)=>l-o,prox:-1,bias:0},hover:{skip:[void 0],prox:null,bias:0},left:-10,top:-10,idx:null,dataIdx:null,idxs:null,event:null},Qr={
show:!0,stroke:"rgba(0,0,0,0.07)",width:2},Hs=Fe({},Qr,{filter:Nr}),Xr=Fe({},Hs,{size:10}),ea=Fe({},Qr,{show:!1}),Fs='12px system-ui, -apple-system, "Segoe UI",\
 Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"',ta="bold "+Fs,na=1.5,yr={
show:!0,scale:"x",stroke:_s,space:50,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:ta,side:2,grid:Hs,ticks:Xr,border:ea,font:Fs,lineGap:na,rotate:0},
mf="Value",hf="Time",vr={show:!0,scale:"x",auto:!1,sorted:1,min:we,max:-we,idxs:[]};function gf(e,t,n,l,o){return t.map(i=>i==null?"":Vs(i))}function wf(e,t,n,l,o,i,u){
let r=[],f=hn.get(o)||0;n=u?n:be(To(n,o),f);for(let p=n;p<=l;p=be(p+o,f))r.push(Object.is(p,-0)?0:p);return r}function xs(e,t,n,l,o,i,u){let r=[],f=e.scales[e.axes[t].
scale].log,p=f==10?tn:Hr,w=wt(p(n));o=rl(f,w),f==10&&(o=Rn[Ft(o,Rn)]);let h=n,b=o*f;f==10&&(b=Rn[Ft(b,Rn)]);do r.push(h),h=h+o,f==10&&!hn.has(h)&&(h=be(h,hn.get(
o))),h>=b&&(o=h,b=o*f,f==10&&(b=Rn[Ft(b,Rn)]));while(h<=l);return r}function bf(e,t,n,l,o,i,u){let f=e.scales[e.axes[t].scale].asinh,p=l>f?xs(e,t,it(f,n),l,o):[
f],w=l>=0&&n<=0?[0]:[];return(n<-f?xs(e,t,it(f,-l),-n,o):[f]).reverse().map(b=>-b).concat(w,p)}var la=/./,yf=/[12357]/,vf=/[125]/,xr=/1/,Ts=(e,t,n,l)=>e.map((o,i)=>t==
4&&o==0||i%l==0&&n.test(o.toExponential()[o<0?1:0])?o:null);function xf(e,t,n,l,o){let i=e.axes[n],u=i.scale,r=e.scales[u],f=e.valToPos,p=i._space,w=f(10,u),h=f(
9,u)-w>=p?la:f(7,u)-w>=p?yf:f(5,u)-w>=p?vf:xr;if(h==xr){let b=qe(f(1,u)-w);if(b<p)return Ts(t.slice().reverse(),r.distr,h,Ct(p/b)).reverse()}return Ts(t,r.distr,
h,1)}function Tf(e,t,n,l,o){let i=e.axes[n],u=i.scale,r=i._space,f=e.valToPos,p=qe(f(1,u)-f(2,u));return p<r?Ts(t.slice().reverse(),3,la,Ct(r/p)).reverse():t}function kf(e,t,n,l){
return l==null?Cs:t==null?"":Vs(t)}var Tr={show:!0,scale:"y",stroke:_s,space:30,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:ta,side:3,grid:Hs,ticks:Xr,
border:ea,font:Fs,lineGap:na,rotate:0};function Sf(e,t){let n=3+(e||1)*2;return be(n*t,3)}function Mf(e,t){let{scale:n,idxs:l}=e.series[0],o=e._data[0],i=e.valToPos(
o[l[0]],n,!0),u=e.valToPos(o[l[1]],n,!0),r=qe(u-i),f=e.series[t],p=r/(f.points.space*fe);return l[1]-l[0]<=p}var kr={scale:null,auto:!0,sorted:0,min:we,max:-we},
oa=(e,t,n,l,o)=>o,Sr={show:!0,auto:!0,sorted:0,gaps:oa,alpha:1,facets:[Fe({},kr,{scale:"x"}),Fe({},kr,{scale:"y"})]},Mr={scale:"y",auto:!0,sorted:0,show:!0,spanGaps:!1,
gaps:oa,alpha:1,points:{show:Mf,filter:null},values:null,min:we,max:-we,idxs:[],path:null,clip:null};function _f(e,t,n,l,o){return n/10}var sa={time:!0,auto:!0,
distr:1,log:10,asinh:1,min:null,max:null,dir:1,ori:0},Cf=Fe({},sa,{time:!1,ori:1}),_r={};function ia(e,t){let n=_r[e];return n||(n={key:e,plots:[],sub(l){n.plots.
push(l)},unsub(l){n.plots=n.plots.filter(o=>o!=l)},pub(l,o,i,u,r,f,p){for(let w=0;w<n.plots.length;w++)n.plots[w]!=o&&n.plots[w].pub(l,o,i,u,r,f,p)}},e!=null&&(_r[e]=
n)),n}var cl=1,ks=2;function An(e,t,n){let l=e.mode,o=e.series[t],i=l==2?e._data[t]:e._data,u=e.scales,r=e.bbox,f=i[0],p=l==2?i[1]:i[t],w=l==2?u[o.facets[0].scale]:
u[e.series[0].scale],h=l==2?u[o.facets[1].scale]:u[o.scale],b=r.left,C=r.top,k=r.width,D=r.height,q=e.valToPosH,B=e.valToPosV;return w.ori==0?n(o,f,p,w,h,q,B,b,
C,k,D,Mo,dl,Co,aa,ca):n(o,f,p,w,h,B,q,C,b,D,k,_o,pl,Ws,ua,fa)}function Os(e,t){let n=0,l=0,o=ae(e.bands,Ds);for(let i=0;i<o.length;i++){let u=o[i];u.series[0]==
t?n=u.dir:u.series[1]==t&&(u.dir==1?l|=1:l|=2)}return[n,l==1?-1:l==2?1:l==3?2:0]}function Lf(e,t,n,l,o){let i=e.mode,u=e.series[t],r=i==2?u.facets[1].scale:u.scale,
f=e.scales[r];return o==-1?f.min:o==1?f.max:f.distr==3?f.dir==1?f.min:f.max:0}function nn(e,t,n,l,o,i){return An(e,t,(u,r,f,p,w,h,b,C,k,D,q)=>{let B=u.pxRound,S=p.
dir*(p.ori==0?1:-1),z=p.ori==0?dl:pl,M,Q;S==1?(M=n,Q=l):(M=l,Q=n);let P=B(h(r[M],p,D,C)),X=B(b(f[M],w,q,k)),Z=B(h(r[Q],p,D,C)),ne=B(b(i==1?w.max:w.min,w,q,k)),U=new Path2D(
o);return z(U,Z,ne),z(U,P,ne),z(U,P,X),U})}function So(e,t,n,l,o,i){let u=null;if(e.length>0){u=new Path2D;let r=t==0?Co:Ws,f=n;for(let h=0;h<e.length;h++){let b=e[h];
if(b[1]>b[0]){let C=b[0]-f;C>0&&r(u,f,l,C,l+i),f=b[1]}}let p=n+o-f,w=10;p>0&&r(u,f,l-w/2,p,l+i+w)}return u}function Ef(e,t,n){let l=e[e.length-1];l&&l[0]==t?l[1]=
n:e.push([t,n])}function Ns(e,t,n,l,o,i,u){let r=[],f=e.length;for(let p=o==1?n:l;p>=n&&p<=l;p+=o)if(t[p]===null){let h=p,b=p;if(o==1)for(;++p<=l&&t[p]===null;)
b=p;else for(;--p>=n&&t[p]===null;)b=p;let C=i(e[h]),k=b==h?C:i(e[b]),D=h-o;C=u<=0&&D>=0&&D<f?i(e[D]):C;let B=b+o;k=u>=0&&B>=0&&B<f?i(e[B]):k,k>=C&&r.push([C,k])}
return r}function Cr(e){return e==0?Or:e==1?ze:t=>En(t,e)}function ra(e){let t=e==0?Mo:_o,n=e==0?(o,i,u,r,f,p)=>{o.arcTo(i,u,r,f,p)}:(o,i,u,r,f,p)=>{o.arcTo(u,i,
f,r,p)},l=e==0?(o,i,u,r,f)=>{o.rect(i,u,r,f)}:(o,i,u,r,f)=>{o.rect(u,i,f,r)};return(o,i,u,r,f,p=0,w=0)=>{p==0&&w==0?l(o,i,u,r,f):(p=Ot(p,r/2,f/2),w=Ot(w,r/2,f/2),
t(o,i+p,u),n(o,i+r,u,i+r,u+f,p),n(o,i+r,u+f,i,u+f,w),n(o,i,u+f,i,u,w),n(o,i,u,i+r,u,p),o.closePath())}}var Mo=(e,t,n)=>{e.moveTo(t,n)},_o=(e,t,n)=>{e.moveTo(n,t)},
dl=(e,t,n)=>{e.lineTo(t,n)},pl=(e,t,n)=>{e.lineTo(n,t)},Co=ra(0),Ws=ra(1),aa=(e,t,n,l,o,i)=>{e.arc(t,n,l,o,i)},ua=(e,t,n,l,o,i)=>{e.arc(n,t,l,o,i)},ca=(e,t,n,l,o,i,u)=>{
e.bezierCurveTo(t,n,l,o,i,u)},fa=(e,t,n,l,o,i,u)=>{e.bezierCurveTo(n,t,o,l,u,i)};function da(e){return(t,n,l,o,i)=>An(t,n,(u,r,f,p,w,h,b,C,k,D,q)=>{let{pxRound:B,
points:S}=u,z,M;p.ori==0?(z=Mo,M=aa):(z=_o,M=ua);let Q=be(S.width*fe,3),P=(S.size-S.width)/2*fe,X=be(P*2,3),Z=new Path2D,ne=new Path2D,{left:U,top:_,width:$,height:A}=t.
bbox;Co(ne,U-X,_-X,$+X*2,A+X*2);let K=W=>{if(f[W]!=null){let oe=B(h(r[W],p,D,C)),O=B(b(f[W],w,q,k));z(Z,oe+P,O),M(Z,oe,O,P,0,go*2)}};if(i)i.forEach(K);else for(let W=l;W<=
o;W++)K(W);return{stroke:Q>0?Z:null,fill:Z,clip:ne,flags:cl|ks}})}function pa(e){return(t,n,l,o,i,u)=>{l!=o&&(i!=l&&u!=l&&e(t,n,l),i!=o&&u!=o&&e(t,n,o),e(t,n,u))}}
var Rf=pa(dl),Vf=pa(pl);function ma(e){let t=ae(e?.alignGaps,0);return(n,l,o,i)=>An(n,l,(u,r,f,p,w,h,b,C,k,D,q)=>{[o,i]=vo(f,o,i);let B=u.pxRound,S=A=>B(h(A,p,D,
C)),z=A=>B(b(A,w,q,k)),M,Q;p.ori==0?(M=dl,Q=Rf):(M=pl,Q=Vf);let P=p.dir*(p.ori==0?1:-1),X={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:cl},Z=X.
stroke,ne=!1;if(i-o>=D*4){let A=H=>n.posToVal(H,p.key,!0),K=null,W=null,oe,O,rt,Ce=S(r[P==1?o:i]),ie=S(r[o]),me=S(r[i]),ee=A(P==1?ie+1:me-1);for(let H=P==1?o:i;H>=
o&&H<=i;H+=P){let We=r[H],Le=(P==1?We<ee:We>ee)?Ce:S(We),de=f[H];Le==Ce?de!=null?(O=de,K==null?(M(Z,Le,z(O)),oe=K=W=O):O<K?K=O:O>W&&(W=O)):de===null&&(ne=!0):(K!=
null&&Q(Z,Ce,z(K),z(W),z(oe),z(O)),de!=null?(O=de,M(Z,Le,z(O)),K=W=oe=O):(K=W=null,de===null&&(ne=!0)),Ce=Le,ee=A(Ce+P))}K!=null&&K!=W&&rt!=Ce&&Q(Z,Ce,z(K),z(W),
z(oe),z(O))}else for(let A=P==1?o:i;A>=o&&A<=i;A+=P){let K=f[A];K===null?ne=!0:K!=null&&M(Z,S(r[A]),z(K))}let[_,$]=Os(n,l);if(u.fill!=null||_!=0){let A=X.fill=new Path2D(
Z),K=u.fillTo(n,l,u.min,u.max,_),W=z(K),oe=S(r[o]),O=S(r[i]);P==-1&&([O,oe]=[oe,O]),M(A,O,W),M(A,oe,W)}if(!u.spanGaps){let A=[];ne&&A.push(...Ns(r,f,o,i,P,S,t)),
X.gaps=A=u.gaps(n,l,o,i,A),X.clip=So(A,p.ori,C,k,D,q)}return $!=0&&(X.band=$==2?[nn(n,l,o,i,Z,-1),nn(n,l,o,i,Z,1)]:nn(n,l,o,i,Z,$)),X})}function Df(e){let t=ae(
e.align,1),n=ae(e.ascDesc,!1),l=ae(e.alignGaps,0),o=ae(e.extend,!1);return(i,u,r,f)=>An(i,u,(p,w,h,b,C,k,D,q,B,S,z)=>{[r,f]=vo(h,r,f);let M=p.pxRound,{left:Q,width:P}=i.
bbox,X=ie=>M(k(ie,b,S,q)),Z=ie=>M(D(ie,C,z,B)),ne=b.ori==0?dl:pl,U={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:cl},_=U.stroke,$=b.dir*(b.ori==
0?1:-1),A=Z(h[$==1?r:f]),K=X(w[$==1?r:f]),W=K,oe=K;o&&t==-1&&(oe=Q,ne(_,oe,A)),ne(_,K,A);for(let ie=$==1?r:f;ie>=r&&ie<=f;ie+=$){let me=h[ie];if(me==null)continue;
let ee=X(w[ie]),H=Z(me);t==1?ne(_,ee,A):ne(_,W,H),ne(_,ee,H),A=H,W=ee}let O=W;o&&t==1&&(O=Q+P,ne(_,O,A));let[rt,Ce]=Os(i,u);if(p.fill!=null||rt!=0){let ie=U.fill=
new Path2D(_),me=p.fillTo(i,u,p.min,p.max,rt),ee=Z(me);ne(ie,O,ee),ne(ie,oe,ee)}if(!p.spanGaps){let ie=[];ie.push(...Ns(w,h,r,f,$,X,l));let me=p.width*fe/2,ee=n||
t==1?me:-me,H=n||t==-1?-me:me;ie.forEach(We=>{We[0]+=ee,We[1]+=H}),U.gaps=ie=p.gaps(i,u,r,f,ie),U.clip=So(ie,b.ori,q,B,S,z)}return Ce!=0&&(U.band=Ce==2?[nn(i,u,
r,f,_,-1),nn(i,u,r,f,_,1)]:nn(i,u,r,f,_,Ce)),U})}function Lr(e,t,n,l,o,i,u=we){if(e.length>1){let r=null;for(let f=0,p=1/0;f<e.length;f++)if(t[f]!==void 0){if(r!=
null){let w=qe(e[f]-e[r]);w<p&&(p=w,u=qe(n(e[f],l,o,i)-n(e[r],l,o,i)))}r=f}}return u}function Pf(e){e=e||Fl;let t=ae(e.size,[.6,we,1]),n=e.align||0,l=e.gap||0,o=e.
radius;o=o==null?[0,0]:typeof o=="number"?[o,0]:o;let i=le(o),u=1-t[0],r=ae(t[1],we),f=ae(t[2],1),p=ae(e.disp,Fl),w=ae(e.each,C=>{}),{fill:h,stroke:b}=p;return(C,k,D,q)=>An(
C,k,(B,S,z,M,Q,P,X,Z,ne,U,_)=>{let $=B.pxRound,A=n,K=l*fe,W=r*fe,oe=f*fe,O,rt;M.ori==0?[O,rt]=i(C,k):[rt,O]=i(C,k);let Ce=M.dir*(M.ori==0?1:-1),ie=M.ori==0?Co:Ws,
me=M.ori==0?w:(R,ye,Ie,zn,bn,It,yn)=>{w(R,ye,Ie,bn,zn,yn,It)},ee=ae(C.bands,Ds).find(R=>R.series[0]==k),H=ee!=null?ee.dir:0,We=B.fillTo(C,k,B.min,B.max,H),tt=$(
X(We,Q,_,ne)),Le,de,Lt,ct=U,Re=$(B.width*fe),Wt=!1,Jt=null,yt=null,ln=null,Nn=null;h!=null&&(Re==0||b!=null)&&(Wt=!0,Jt=h.values(C,k,D,q),yt=new Map,new Set(Jt).
forEach(R=>{R!=null&&yt.set(R,new Path2D)}),Re>0&&(ln=b.values(C,k,D,q),Nn=new Map,new Set(ln).forEach(R=>{R!=null&&Nn.set(R,new Path2D)})));let{x0:Wn,size:xl}=p;
if(Wn!=null&&xl!=null){A=1,S=Wn.values(C,k,D,q),Wn.unit==2&&(S=S.map(Ie=>C.posToVal(Z+Ie*U,M.key,!0)));let R=xl.values(C,k,D,q);xl.unit==2?de=R[0]*U:de=P(R[0],M,
U,Z)-P(0,M,U,Z),ct=Lr(S,z,P,M,U,Z,ct),Lt=ct-de+K}else ct=Lr(S,z,P,M,U,Z,ct),Lt=ct*u+K,de=ct-Lt;Lt<1&&(Lt=0),Re>=de/2&&(Re=0),Lt<5&&($=Or);let to=Lt>0,gn=ct-Lt-(to?
Re:0);de=$(vs(gn,oe,W)),Le=(A==0?de/2:A==Ce?0:de)-A*Ce*((A==0?K/2:0)+(to?Re/2:0));let nt={stroke:null,fill:null,clip:null,band:null,gaps:null,flags:0},In=Wt?null:
new Path2D,$t=null;if(ee!=null)$t=C.data[ee.series[1]];else{let{y0:R,y1:ye}=p;R!=null&&ye!=null&&(z=ye.values(C,k,D,q),$t=R.values(C,k,D,q))}let wn=O*de,J=rt*de;
for(let R=Ce==1?D:q;R>=D&&R<=q;R+=Ce){let ye=z[R];if(ye==null)continue;if($t!=null){let at=$t[R]??0;if(ye-at==0)continue;tt=X(at,Q,_,ne)}let Ie=M.distr!=2||p!=null?
S[R]:R,zn=P(Ie,M,U,Z),bn=X(ae(ye,We),Q,_,ne),It=$(zn-Le),yn=$(it(bn,tt)),ft=$(Ot(bn,tt)),vt=yn-ft;if(ye!=null){let at=ye<0?J:wn,Et=ye<0?wn:J;Wt?(Re>0&&ln[R]!=null&&
ie(Nn.get(ln[R]),It,ft+wt(Re/2),de,it(0,vt-Re),at,Et),Jt[R]!=null&&ie(yt.get(Jt[R]),It,ft+wt(Re/2),de,it(0,vt-Re),at,Et)):ie(In,It,ft+wt(Re/2),de,it(0,vt-Re),at,
Et),me(C,k,R,It-Re/2,ft,de+Re,vt)}}return Re>0?nt.stroke=Wt?Nn:In:Wt||(nt._fill=B.width==0?B._fill:B._stroke??B._fill,nt.width=0),nt.fill=Wt?yt:In,nt})}function Af(e,t){
let n=ae(t?.alignGaps,0);return(l,o,i,u)=>An(l,o,(r,f,p,w,h,b,C,k,D,q,B)=>{[i,u]=vo(p,i,u);let S=r.pxRound,z=O=>S(b(O,w,q,k)),M=O=>S(C(O,h,B,D)),Q,P,X;w.ori==0?
(Q=Mo,X=dl,P=ca):(Q=_o,X=pl,P=fa);let Z=w.dir*(w.ori==0?1:-1),ne=z(f[Z==1?i:u]),U=ne,_=[],$=[];for(let O=Z==1?i:u;O>=i&&O<=u;O+=Z)if(p[O]!=null){let Ce=f[O],ie=z(
Ce);_.push(U=ie),$.push(M(p[O]))}let A={stroke:e(_,$,Q,X,P,S),fill:null,clip:null,band:null,gaps:null,flags:cl},K=A.stroke,[W,oe]=Os(l,o);if(r.fill!=null||W!=0){
let O=A.fill=new Path2D(K),rt=r.fillTo(l,o,r.min,r.max,W),Ce=M(rt);X(O,U,Ce),X(O,ne,Ce)}if(!r.spanGaps){let O=[];O.push(...Ns(f,p,i,u,Z,z,n)),A.gaps=O=r.gaps(l,
o,i,u,O),A.clip=So(O,w.ori,k,D,q,B)}return oe!=0&&(A.band=oe==2?[nn(l,o,i,u,K,-1),nn(l,o,i,u,K,1)]:nn(l,o,i,u,K,oe)),A})}function Hf(e){return Af(Ff,e)}function Ff(e,t,n,l,o,i){
let u=e.length;if(u<2)return null;let r=new Path2D;if(n(r,e[0],t[0]),u==2)l(r,e[1],t[1]);else{let f=Array(u),p=Array(u-1),w=Array(u-1),h=Array(u-1);for(let b=0;b<
u-1;b++)w[b]=t[b+1]-t[b],h[b]=e[b+1]-e[b],p[b]=w[b]/h[b];f[0]=p[0];for(let b=1;b<u-1;b++)p[b]===0||p[b-1]===0||p[b-1]>0!=p[b]>0?f[b]=0:(f[b]=3*(h[b-1]+h[b])/((2*
h[b]+h[b-1])/p[b-1]+(h[b]+2*h[b-1])/p[b]),isFinite(f[b])||(f[b]=0));f[u-1]=p[u-2];for(let b=0;b<u-1;b++)o(r,e[b]+h[b]/3,t[b]+f[b]*h[b]/3,e[b+1]-h[b]/3,t[b+1]-f[b+
1]*h[b]/3,e[b+1],t[b+1])}return r}var Ss=new Set;function Er(){for(let e of Ss)e.syncRect(!0)}fl&&(Dn(hc,il,Er),Dn(gc,il,Er,!0),Dn(wo,il,()=>{Ve.pxRatio=fe}));var Of=ma(),
Nf=da();function Rr(e,t,n,l){return(l?[e[0],e[1]].concat(e.slice(2)):[e[0]].concat(e.slice(1))).map((i,u)=>Ms(i,u,t,n))}function Wf(e,t){return e.map((n,l)=>l==
0?{}:Fe({},t,n))}function Ms(e,t,n,l){return Fe({},t==0?n:l,e)}function ha(e,t,n){return t==null?al:[t,n]}var If=ha;function zf(e,t,n){return t==null?al:bo(t,n,
Rs,!0)}function ga(e,t,n,l){return t==null?al:xo(t,n,e.scales[l].log,!1)}var qf=ga;function wa(e,t,n,l){return t==null?al:Es(t,n,e.scales[l].log,!1)}var Bf=wa;function Gf(e,t,n,l,o){
let i=it(ar(e),ar(t)),u=t-e,r=Ft(o/l*u,n);do{let f=n[r],p=l*f/u;if(p>=o&&i+(f<5?hn.get(f):0)<=17)return[f,p]}while(++r<n.length);return[0,0]}function Vr(e){let t,
n;return e=e.replace(/(\d+)px/,(l,o)=>(t=ze((n=+o)*fe))+"px"),[e,t,n]}function Yf(e){e.show&&[e.font,e.labelFont].forEach(t=>{let n=be(t[2]*fe,1);t[0]=t[0].replace(
/[0-9.]+px/,n+"px"),t[1]=n})}function Ve(e,t,n){let l={mode:ae(e.mode,1)},o=l.mode;function i(s,a,c,d){let m=a.valToPct(s);return d+c*(a.dir==-1?1-m:m)}function u(s,a,c,d){
let m=a.valToPct(s);return d+c*(a.dir==-1?m:1-m)}function r(s,a,c,d){return a.ori==0?i(s,a,c,d):u(s,a,c,d)}l.valToPosH=i,l.valToPosV=u;let f=!1;l.status=0;let p=l.
root=_t($u);if(e.id!=null&&(p.id=e.id),gt(p,e.class),e.title){let s=_t(ec,p);s.textContent=e.title}let w=Ht("canvas"),h=l.ctx=w.getContext("2d"),b=_t(tc,p);Dn("\
click",b,s=>{s.target===k&&(Te!=Qn||Ee!=Xn)&&$e.click(l,s)},!0);let C=l.under=_t(nc,b);b.appendChild(w);let k=l.over=_t(lc,b);e=ul(e);let D=+ae(e.pxAlign,1),q=Cr(
D);(e.plugins||[]).forEach(s=>{s.opts&&(e=s.opts(l,e)||e)});let B=e.ms||.001,S=l.series=o==1?Rr(e.series||[],vr,Mr,!1):Wf(e.series||[null],Sr),z=l.axes=Rr(e.axes||
[],yr,Tr,!0),M=l.scales={},Q=l.bands=e.bands||[];Q.forEach(s=>{s.fill=le(s.fill||null),s.dir=ae(s.dir,-1)});let P=o==2?S[1].facets[0].scale:S[0].scale,X={axes:Hu,
series:Ru},Z=(e.drawOrder||["axes","series"]).map(s=>X[s]);function ne(s){let a=s.distr==3?c=>tn(c>0?c:s.clamp(l,c,s.min,s.max,s.key)):s.distr==4?c=>ds(c,s.asinh):
s.distr==100?c=>s.fwd(c):c=>c;return c=>{let d=a(c),{_min:m,_max:g}=s,y=g-m;return(d-m)/y}}function U(s){let a=M[s];if(a==null){let c=(e.scales||Fl)[s]||Fl;if(c.
from!=null){U(c.from);let d=Fe({},M[c.from],c,{key:s});d.valToPct=ne(d),M[s]=d}else{a=M[s]=Fe({},s==P?sa:Cf,c),a.key=s;let d=a.time,m=a.range,g=mn(m);if((s!=P||
o==2&&!d)&&(g&&(m[0]==null||m[1]==null)&&(m={min:m[0]==null?sr:{mode:1,hard:m[0],soft:m[0]},max:m[1]==null?sr:{mode:1,hard:m[1],soft:m[1]}},g=!1),!g&&ko(m))){let y=m;
m=(x,T,L)=>T==null?al:bo(T,L,y)}a.range=le(m||(d?If:s==P?a.distr==3?qf:a.distr==4?Bf:ha:a.distr==3?ga:a.distr==4?wa:zf)),a.auto=le(g?!1:a.auto),a.clamp=le(a.clamp||
_f),a._min=a._max=null,a.valToPct=ne(a)}}}U("x"),U("y"),o==1&&S.forEach(s=>{U(s.scale)}),z.forEach(s=>{U(s.scale)});for(let s in e.scales)U(s);let _=M[P],$=_.distr,
A,K;_.ori==0?(gt(p,Qu),A=i,K=u):(gt(p,Xu),A=u,K=i);let W={};for(let s in M){let a=M[s];(a.min!=null||a.max!=null)&&(W[s]={min:a.min,max:a.max},a.min=a.max=null)}
let oe=e.tzDate||(s=>new Date(ze(s/B))),O=e.fmtDate||Ps,rt=B==1?Qc(oe):tf(oe),Ce=gr(oe,hr(B==1?$c:ef,O)),ie=br(oe,wr(lf,O)),me=[],ee=l.legend=Fe({},rf,e.legend),
H=l.cursor=Fe({},pf,{drag:{y:o==2}},e.cursor),We=ee.show,tt=H.show,Le=ee.markers;ee.idxs=me,Le.width=le(Le.width),Le.dash=le(Le.dash),Le.stroke=le(Le.stroke),Le.
fill=le(Le.fill);let de,Lt,ct,Re=[],Wt=[],Jt,yt=!1,ln={};if(ee.live){let s=S[1]?S[1].values:null;yt=s!=null,Jt=yt?s(l,1,0):{_:0};for(let a in Jt)ln[a]=Cs}if(We)
if(de=Ht("table",uc,p),ct=Ht("tbody",null,de),ee.mount(l,de),yt){Lt=Ht("thead",null,de,ct);let s=Ht("tr",null,Lt);Ht("th",null,s);for(var Nn in Jt)Ht("th",Ki,s).
textContent=Nn}else gt(de,fc),ee.live&&gt(de,cc);let Wn={show:!0},xl={show:!1};function to(s,a){if(a==0&&(yt||!ee.live||o==2))return al;let c=[],d=Ht("tr",dc,ct,
ct.childNodes[a]);gt(d,s.class),s.show||gt(d,Vn);let m=Ht("th",null,d);if(Le.show){let x=_t(pc,m);if(a>0){let T=Le.width(l,a);T&&(x.style.border=T+"px "+Le.dash(
l,a)+" "+Le.stroke(l,a)),x.style.background=Le.fill(l,a)}}let g=_t(Ki,m);s.label instanceof HTMLElement?g.appendChild(s.label):g.textContent=s.label,a>0&&(Le.show||
(g.style.color=s.width>0?Le.stroke(l,a):Le.fill(l,a)),nt("click",m,x=>{if(H._lock)return;xn(x);let T=S.indexOf(s);if((x.ctrlKey||x.metaKey)!=ee.isolate){let L=S.
some((E,V)=>V>0&&V!=T&&E.show);S.forEach((E,V)=>{V>0&&qt(V,L?V==T?Wn:xl:Wn,!0,He.setSeries)})}else qt(T,{show:!s.show},!0,He.setSeries)},!1),Bn&&nt(Ji,m,x=>{H._lock||
(xn(x),qt(S.indexOf(s),tl,!0,He.setSeries))},!1));for(var y in Jt){let x=Ht("td",mc,d);x.textContent="--",c.push(x)}return[d,c]}let gn=new Map;function nt(s,a,c,d=!0){
let m=gn.get(a)||{},g=H.bind[s](l,a,c,d);g&&(Dn(s,a,m[s]=g),gn.set(a,m))}function In(s,a,c){let d=gn.get(a)||{};for(let m in d)(s==null||m==s)&&(ys(m,a,d[m]),delete d[m]);
s==null&&gn.delete(a)}let $t=0,wn=0,J=0,R=0,ye=0,Ie=0,zn=ye,bn=Ie,It=J,yn=R,ft=0,vt=0,at=0,Et=0;l.bbox={};let Oo=!1,no=!1,qn=!1,vn=!1,lo=!1,xt=!1;function No(s,a,c){
(c||s!=l.width||a!=l.height)&&ci(s,a),Un(!1),qn=!0,no=!0,Zn()}function ci(s,a){l.width=$t=J=s,l.height=wn=R=a,ye=Ie=0,ku(),Su();let c=l.bbox;ft=c.left=En(ye*fe,
.5),vt=c.top=En(Ie*fe,.5),at=c.width=En(J*fe,.5),Et=c.height=En(R*fe,.5)}let vu=3;function xu(){let s=!1,a=0;for(;!s;){a++;let c=Pu(a),d=Au(a);s=a==vu||c&&d,s||
(ci(l.width,l.height),no=!0)}}function Tu({width:s,height:a}){No(s,a)}l.setSize=Tu;function ku(){let s=!1,a=!1,c=!1,d=!1;z.forEach((m,g)=>{if(m.show&&m._show){let{
side:y,_size:x}=m,T=y%2,L=m.label!=null?m.labelSize:0,E=x+L;E>0&&(T?(J-=E,y==3?(ye+=E,d=!0):c=!0):(R-=E,y==0?(Ie+=E,s=!0):a=!0))}}),Tn[0]=s,Tn[1]=c,Tn[2]=a,Tn[3]=
d,J-=on[1]+on[3],ye+=on[3],R-=on[2]+on[0],Ie+=on[0]}function Su(){let s=ye+J,a=Ie+R,c=ye,d=Ie;function m(g,y){switch(g){case 1:return s+=y,s-y;case 2:return a+=
y,a-y;case 3:return c-=y,c+y;case 0:return d-=y,d+y}}z.forEach((g,y)=>{if(g.show&&g._show){let x=g.side;g._pos=m(x,g._size),g.label!=null&&(g._lpos=m(x,g.labelSize))}})}
if(H.dataIdx==null){let s=H.hover,a=s.skip=new Set(s.skip??[]);a.add(void 0);let c=s.prox=le(s.prox),d=s.bias??=0;H.dataIdx=(m,g,y,x)=>{if(g==0)return y;let T=y,
L=c(m,g,y,x)??we,E=L>=0&&L<we,V=_.ori==0?J:R,j=H.left,ue=t[0],re=t[g];if(a.has(re[y])){T=null;let te=null,G=null,F;if(d==0||d==-1)for(F=y;te==null&&F-- >0;)a.has(
re[F])||(te=F);if(d==0||d==1)for(F=y;G==null&&F++<re.length;)a.has(re[F])||(G=F);if(te!=null||G!=null)if(E){let Se=te==null?-1/0:A(ue[te],_,V,0),De=G==null?1/0:
A(ue[G],_,V,0),Ue=j-Se,he=De-j;Ue<=he?Ue<=L&&(T=te):he<=L&&(T=G)}else T=G==null?te:te==null?G:y-te<=G-y?te:G}else E&&qe(j-A(ue[y],_,V,0))>L&&(T=null);return T}}
let xn=s=>{H.event=s};H.idxs=me,H._lock=!1;let et=H.points;et.show=le(et.show),et.size=le(et.size),et.stroke=le(et.stroke),et.width=le(et.width),et.fill=le(et.fill);
let zt=l.focus=Fe({},e.focus||{alpha:.3},H.focus),Bn=zt.prox>=0,Gn=Bn&&et.one,Tt=[],Yn=[],Kn=[];function fi(s,a){let c=et.show(l,a);if(c instanceof HTMLElement)
return gt(c,ac),gt(c,s.class),Ut(c,-10,-10,J,R),k.insertBefore(c,Tt[a]),c}function di(s,a){if(o==1||a>0){let c=o==1&&M[s.scale].time,d=s.value;s.value=c?fr(d)?br(
oe,wr(d,O)):d||ie:d||kf,s.label=s.label||(c?hf:mf)}if(Gn||a>0){s.width=s.width==null?1:s.width,s.paths=s.paths||Of||_c,s.fillTo=le(s.fillTo||Lf),s.pxAlign=+ae(s.
pxAlign,D),s.pxRound=Cr(s.pxAlign),s.stroke=le(s.stroke||null),s.fill=le(s.fill||null),s._stroke=s._fill=s._paths=s._focus=null;let c=Sf(it(1,s.width),1),d=s.points=
Fe({},{size:c,width:it(1,c*.2),stroke:s.stroke,space:c*2,paths:Nf,_stroke:null,_fill:null},s.points);d.show=le(d.show),d.filter=le(d.filter),d.fill=le(d.fill),d.
stroke=le(d.stroke),d.paths=le(d.paths),d.pxAlign=s.pxAlign}if(We){let c=to(s,a);Re.splice(a,0,c[0]),Wt.splice(a,0,c[1]),ee.values.push(null)}if(tt){me.splice(a,
0,null);let c=null;Gn?a==0&&(c=fi(s,a)):a>0&&(c=fi(s,a)),Tt.splice(a,0,c),Yn.splice(a,0,0),Kn.splice(a,0,0)}je("addSeries",a)}function Mu(s,a){a=a??S.length,s=o==
1?Ms(s,a,vr,Mr):Ms(s,a,{},Sr),S.splice(a,0,s),di(S[a],a)}l.addSeries=Mu;function _u(s){if(S.splice(s,1),We){ee.values.splice(s,1),Wt.splice(s,1);let a=Re.splice(
s,1)[0];In(null,a.firstChild),a.remove()}tt&&(me.splice(s,1),Tt.splice(s,1)[0].remove(),Yn.splice(s,1),Kn.splice(s,1)),je("delSeries",s)}l.delSeries=_u;let Tn=[
!1,!1,!1,!1];function Cu(s,a){if(s._show=s.show,s.show){let c=s.side%2,d=M[s.scale];d==null&&(s.scale=c?S[1].scale:P,d=M[s.scale]);let m=d.time;s.size=le(s.size),
s.space=le(s.space),s.rotate=le(s.rotate),mn(s.incrs)&&s.incrs.forEach(y=>{!hn.has(y)&&hn.set(y,Ir(y))}),s.incrs=le(s.incrs||(d.distr==2?Uc:m?B==1?Jc:Xc:Rn)),s.
splits=le(s.splits||(m&&d.distr==1?rt:d.distr==3?xs:d.distr==4?bf:wf)),s.stroke=le(s.stroke),s.grid.stroke=le(s.grid.stroke),s.ticks.stroke=le(s.ticks.stroke),s.
border.stroke=le(s.border.stroke);let g=s.values;s.values=mn(g)&&!mn(g[0])?le(g):m?mn(g)?gr(oe,hr(g,O)):fr(g)?nf(oe,g):g||Ce:g||gf,s.filter=le(s.filter||(d.distr>=
3&&d.log==10?xf:d.distr==3&&d.log==2?Tf:Nr)),s.font=Vr(s.font),s.labelFont=Vr(s.labelFont),s._size=s.size(l,null,a,0),s._space=s._rotate=s._incrs=s._found=s._splits=
s._values=null,s._size>0&&(Tn[a]=!0,s._el=_t(oc,b))}}function Tl(s,a,c,d){let[m,g,y,x]=c,T=a%2,L=0;return T==0&&(x||g)&&(L=a==0&&!m||a==2&&!y?ze(yr.size/3):0),T==
1&&(m||y)&&(L=a==1&&!g||a==3&&!x?ze(Tr.size/2):0),L}let pi=l.padding=(e.padding||[Tl,Tl,Tl,Tl]).map(s=>le(ae(s,Tl))),on=l._padding=pi.map((s,a)=>s(l,a,Tn,0)),Je,
Be=null,Ge=null,oo=o==1?S[0].idxs:null,Rt=null,kl=!1;function mi(s,a){if(t=s??[],l.data=l._data=t,o==2){Je=0;for(let c=1;c<S.length;c++)Je+=t[c][0].length}else{
t.length==0&&(l.data=l._data=t=[[]]),Rt=t[0],Je=Rt.length;let c=t;if($==2){c=t.slice();let d=c[0]=Array(Je);for(let m=0;m<Je;m++)d[m]=m}l._data=t=c}if(Un(!0),je(
"setData"),$==2&&(qn=!0),a!==!1){let c=_;c.auto(l,kl)?Wo():rn(P,c.min,c.max),vn=vn||H.left>=0,xt=!0,Zn()}}l.setData=mi;function Wo(){kl=!0;let s,a;o==1&&(Je>0?(Be=
oo[0]=0,Ge=oo[1]=Je-1,s=t[0][Be],a=t[0][Ge],$==2?(s=Be,a=Ge):s==a&&($==3?[s,a]=xo(s,s,_.log,!1):$==4?[s,a]=Es(s,s,_.log,!1):_.time?a=s+ze(86400/B):[s,a]=bo(s,a,
Rs,!0))):(Be=oo[0]=s=null,Ge=oo[1]=a=null)),rn(P,s,a)}let so,jn,Io,zo,qo,Bo,Go,Yo,Ko,ut;function hi(s,a,c,d,m,g){s??=Ui,c??=Ds,d??="butt",m??=Ui,g??="round",s!=
so&&(h.strokeStyle=so=s),m!=jn&&(h.fillStyle=jn=m),a!=Io&&(h.lineWidth=Io=a),g!=qo&&(h.lineJoin=qo=g),d!=Bo&&(h.lineCap=Bo=d),c!=zo&&h.setLineDash(zo=c)}function gi(s,a,c,d){
a!=jn&&(h.fillStyle=jn=a),s!=Go&&(h.font=Go=s),c!=Yo&&(h.textAlign=Yo=c),d!=Ko&&(h.textBaseline=Ko=d)}function jo(s,a,c,d,m=0){if(d.length>0&&s.auto(l,kl)&&(a==
null||a.min==null)){let g=ae(Be,0),y=ae(Ge,d.length-1),x=c.min==null?vc(d,g,y,m,s.distr==3):[c.min,c.max];s.min=Ot(s.min,c.min=x[0]),s.max=it(s.max,c.max=x[1])}}
let wi={min:null,max:null};function Lu(){for(let d in M){let m=M[d];W[d]==null&&(m.min==null||W[P]!=null&&m.auto(l,kl))&&(W[d]=wi)}for(let d in M){let m=M[d];W[d]==
null&&m.from!=null&&W[m.from]!=null&&(W[d]=wi)}W[P]!=null&&Un(!0);let s={};for(let d in W){let m=W[d];if(m!=null){let g=s[d]=ul(M[d],Ec);if(m.min!=null)Fe(g,m);else if(d!=
P||o==2)if(Je==0&&g.from==null){let y=g.range(l,null,null,d);g.min=y[0],g.max=y[1]}else g.min=we,g.max=-we}}if(Je>0){S.forEach((d,m)=>{if(o==1){let g=d.scale,y=W[g];
if(y==null)return;let x=s[g];if(m==0){let T=x.range(l,x.min,x.max,g);x.min=T[0],x.max=T[1],Be=Ft(x.min,t[0]),Ge=Ft(x.max,t[0]),Ge-Be>1&&(t[0][Be]<x.min&&Be++,t[0][Ge]>
x.max&&Ge--),d.min=Rt[Be],d.max=Rt[Ge]}else d.show&&d.auto&&jo(x,y,d,t[m],d.sorted);d.idxs[0]=Be,d.idxs[1]=Ge}else if(m>0&&d.show&&d.auto){let[g,y]=d.facets,x=g.
scale,T=y.scale,[L,E]=t[m],V=s[x],j=s[T];V!=null&&jo(V,W[x],g,L,g.sorted),j!=null&&jo(j,W[T],y,E,y.sorted),d.min=y.min,d.max=y.max}});for(let d in s){let m=s[d],
g=W[d];if(m.from==null&&(g==null||g.min==null)){let y=m.range(l,m.min==we?null:m.min,m.max==-we?null:m.max,d);m.min=y[0],m.max=y[1]}}}for(let d in s){let m=s[d];
if(m.from!=null){let g=s[m.from];if(g.min==null)m.min=m.max=null;else{let y=m.range(l,g.min,g.max,d);m.min=y[0],m.max=y[1]}}}let a={},c=!1;for(let d in s){let m=s[d],
g=M[d];if(g.min!=m.min||g.max!=m.max){g.min=m.min,g.max=m.max;let y=g.distr;g._min=y==3?tn(g.min):y==4?ds(g.min,g.asinh):y==100?g.fwd(g.min):g.min,g._max=y==3?tn(
g.max):y==4?ds(g.max,g.asinh):y==100?g.fwd(g.max):g.max,a[d]=c=!0}}if(c){S.forEach((d,m)=>{o==2?m>0&&a.y&&(d._paths=null):a[d.scale]&&(d._paths=null)});for(let d in a)
qn=!0,je("setScale",d);tt&&H.left>=0&&(vn=xt=!0)}for(let d in W)W[d]=null}function Eu(s){let a=vs(Be-1,0,Je-1),c=vs(Ge+1,0,Je-1);for(;s[a]==null&&a>0;)a--;for(;s[c]==
null&&c<Je-1;)c++;return[a,c]}function Ru(){if(Je>0){let s=S.some(a=>a._focus)&&ut!=zt.alpha;s&&(h.globalAlpha=ut=zt.alpha),S.forEach((a,c)=>{if(c>0&&a.show&&(bi(
c,!1),bi(c,!0),a._paths==null)){let d=ut;ut!=a.alpha&&(h.globalAlpha=ut=a.alpha);let m=o==2?[0,t[c][0].length-1]:Eu(t[c]);a._paths=a.paths(l,c,m[0],m[1]),ut!=d&&
(h.globalAlpha=ut=d)}}),S.forEach((a,c)=>{if(c>0&&a.show){let d=ut;ut!=a.alpha&&(h.globalAlpha=ut=a.alpha),a._paths!=null&&yi(c,!1);{let m=a._paths!=null?a._paths.
gaps:null,g=a.points.show(l,c,Be,Ge,m),y=a.points.filter(l,c,g,m);(g||y)&&(a.points._paths=a.points.paths(l,c,Be,Ge,y),yi(c,!0))}ut!=d&&(h.globalAlpha=ut=d),je(
"drawSeries",c)}}),s&&(h.globalAlpha=ut=1)}}function bi(s,a){let c=a?S[s].points:S[s];c._stroke=c.stroke(l,s),c._fill=c.fill(l,s)}function yi(s,a){let c=a?S[s].
points:S[s],{stroke:d,fill:m,clip:g,flags:y,_stroke:x=c._stroke,_fill:T=c._fill,_width:L=c.width}=c._paths;L=be(L*fe,3);let E=null,V=L%2/2;a&&T==null&&(T=L>0?"#\
fff":x);let j=c.pxAlign==1&&V>0;if(j&&h.translate(V,V),!a){let ue=ft-L/2,re=vt-L/2,te=at+L,G=Et+L;E=new Path2D,E.rect(ue,re,te,G)}a?Uo(x,L,c.dash,c.cap,T,d,m,y,
g):Vu(s,x,L,c.dash,c.cap,T,d,m,y,E,g),j&&h.translate(-V,-V)}function Vu(s,a,c,d,m,g,y,x,T,L,E){let V=!1;T!=0&&Q.forEach((j,ue)=>{if(j.series[0]==s){let re=S[j.series[1]],
te=t[j.series[1]],G=(re._paths||Fl).band;mn(G)&&(G=j.dir==1?G[0]:G[1]);let F,Se=null;re.show&&G&&Tc(te,Be,Ge)?(Se=j.fill(l,ue)||g,F=re._paths.clip):G=null,Uo(a,
c,d,m,Se,y,x,T,L,E,F,G),V=!0}}),V||Uo(a,c,d,m,g,y,x,T,L,E)}let vi=cl|ks;function Uo(s,a,c,d,m,g,y,x,T,L,E,V){hi(s,a,c,d,m),(T||L||V)&&(h.save(),T&&h.clip(T),L&&
h.clip(L)),V?(x&vi)==vi?(h.clip(V),E&&h.clip(E),ro(m,y),io(s,g,a)):x&ks?(ro(m,y),h.clip(V),io(s,g,a)):x&cl&&(h.save(),h.clip(V),E&&h.clip(E),ro(m,y),h.restore(),
io(s,g,a)):(ro(m,y),io(s,g,a)),(T||L||V)&&h.restore()}function io(s,a,c){c>0&&(a instanceof Map?a.forEach((d,m)=>{h.strokeStyle=so=m,h.stroke(d)}):a!=null&&s&&h.
stroke(a))}function ro(s,a){a instanceof Map?a.forEach((c,d)=>{h.fillStyle=jn=d,h.fill(c)}):a!=null&&s&&h.fill(a)}function Du(s,a,c,d){let m=z[s],g;if(d<=0)g=[0,
0];else{let y=m._space=m.space(l,s,a,c,d),x=m._incrs=m.incrs(l,s,a,c,d,y);g=Gf(a,c,x,d,y)}return m._found=g}function Zo(s,a,c,d,m,g,y,x,T,L){let E=y%2/2;D==1&&h.
translate(E,E),hi(x,y,T,L,x),h.beginPath();let V,j,ue,re,te=m+(d==0||d==3?-g:g);c==0?(j=m,re=te):(V=m,ue=te);for(let G=0;G<s.length;G++)a[G]!=null&&(c==0?V=ue=s[G]:
j=re=s[G],h.moveTo(V,j),h.lineTo(ue,re));h.stroke(),D==1&&h.translate(-E,-E)}function Pu(s){let a=!0;return z.forEach((c,d)=>{if(!c.show)return;let m=M[c.scale];
if(m.min==null){c._show&&(a=!1,c._show=!1,Un(!1));return}else c._show||(a=!1,c._show=!0,Un(!1));let g=c.side,y=g%2,{min:x,max:T}=m,[L,E]=Du(d,x,T,y==0?J:R);if(E==
0)return;let V=m.distr==2,j=c._splits=c.splits(l,d,x,T,L,E,V),ue=m.distr==2?j.map(F=>Rt[F]):j,re=m.distr==2?Rt[j[1]]-Rt[j[0]]:L,te=c._values=c.values(l,c.filter(
l,ue,d,E,re),d,E,re);c._rotate=g==2?c.rotate(l,te,d,E):0;let G=c._size;c._size=Ct(c.size(l,te,d,s)),G!=null&&c._size!=G&&(a=!1)}),a}function Au(s){let a=!0;return pi.
forEach((c,d)=>{let m=c(l,d,Tn,s);m!=on[d]&&(a=!1),on[d]=m}),a}function Hu(){for(let s=0;s<z.length;s++){let a=z[s];if(!a.show||!a._show)continue;let c=a.side,d=c%
2,m,g,y=a.stroke(l,s),x=c==0||c==3?-1:1,[T,L]=a._found;if(a.label!=null){let ot=a.labelGap*x,mt=ze((a._lpos+ot)*fe);gi(a.labelFont[0],y,"center",c==2?"top":ji),
h.save(),d==1?(m=g=0,h.translate(mt,ze(vt+Et/2)),h.rotate((c==3?-go:go)/2)):(m=ze(ft+at/2),g=mt);let Mn=Fr(a.label)?a.label(l,s,T,L):a.label;h.fillText(Mn,m,g),
h.restore()}if(L==0)continue;let E=M[a.scale],V=d==0?at:Et,j=d==0?ft:vt,ue=a._splits,re=E.distr==2?ue.map(ot=>Rt[ot]):ue,te=E.distr==2?Rt[ue[1]]-Rt[ue[0]]:T,G=a.
ticks,F=a.border,Se=G.show?G.size:0,De=ze(Se*fe),Ue=ze((a.alignTo==2?a._size-Se-a.gap:a.gap)*fe),he=a._rotate*-go/180,Pe=q(a._pos*fe),dt=(De+Ue)*x,lt=Pe+dt;g=d==
0?lt:0,m=d==1?lt:0;let kt=a.font[0],Vt=a.align==1?ol:a.align==2?us:he>0?ol:he<0?us:d==0?"center":c==3?us:ol,Gt=he||d==1?"middle":c==2?"top":ji;gi(kt,y,Vt,Gt);let pt=a.
font[1]*a.lineGap,St=ue.map(ot=>q(r(ot,E,V,j))),Dt=a._values;for(let ot=0;ot<Dt.length;ot++){let mt=Dt[ot];if(mt!=null){d==0?m=St[ot]:g=St[ot],mt=""+mt;let Mn=mt.
indexOf(`
`)==-1?[mt]:mt.split(/\n/gm);for(let st=0;st<Mn.length;st++){let Wi=Mn[st];he?(h.save(),h.translate(m,g+st*pt),h.rotate(he),h.fillText(Wi,0,0),h.restore()):h.fillText(
Wi,m,g+st*pt)}}}G.show&&Zo(St,G.filter(l,re,s,L,te),d,c,Pe,De,be(G.width*fe,3),G.stroke(l,s),G.dash,G.cap);let Yt=a.grid;Yt.show&&Zo(St,Yt.filter(l,re,s,L,te),d,
d==0?2:1,d==0?vt:ft,d==0?Et:at,be(Yt.width*fe,3),Yt.stroke(l,s),Yt.dash,Yt.cap),F.show&&Zo([Pe],[1],d==0?1:0,d==0?1:2,d==1?vt:ft,d==1?Et:at,be(F.width*fe,3),F.stroke(
l,s),F.dash,F.cap)}je("drawAxes")}function Un(s){S.forEach((a,c)=>{c>0&&(a._paths=null,s&&(o==1?(a.min=null,a.max=null):a.facets.forEach(d=>{d.min=null,d.max=null})))})}
let ao=!1,Jo=!1,Sl=[];function Fu(){Jo=!1;for(let s=0;s<Sl.length;s++)je(...Sl[s]);Sl.length=0}function Zn(){ao||(Fc(xi),ao=!0)}function Ou(s,a=!1){ao=!0,Jo=a,s(
l),xi(),a&&Sl.length>0&&queueMicrotask(Fu)}l.batch=Ou;function xi(){if(Oo&&(Lu(),Oo=!1),qn&&(xu(),qn=!1),no){if(Me(C,ol,ye),Me(C,"top",Ie),Me(C,Dl,J),Me(C,Pl,R),
Me(k,ol,ye),Me(k,"top",Ie),Me(k,Dl,J),Me(k,Pl,R),Me(b,Dl,$t),Me(b,Pl,wn),w.width=ze($t*fe),w.height=ze(wn*fe),z.forEach(({_el:s,_show:a,_size:c,_pos:d,side:m})=>{
if(s!=null)if(a){let g=m===3||m===0?c:0,y=m%2==1;Me(s,y?"left":"top",d-g),Me(s,y?"width":"height",c),Me(s,y?"top":"left",y?Ie:ye),Me(s,y?"height":"width",y?R:J),
bs(s,Vn)}else gt(s,Vn)}),so=jn=Io=qo=Bo=Go=Yo=Ko=zo=null,ut=1,Cl(!0),ye!=zn||Ie!=bn||J!=It||R!=yn){Un(!1);let s=J/It,a=R/yn;if(tt&&!vn&&H.left>=0){H.left*=s,H.top*=
a,Jn&&Ut(Jn,ze(H.left),0,J,R),$n&&Ut($n,0,ze(H.top),J,R);for(let c=0;c<Tt.length;c++){let d=Tt[c];d!=null&&(Yn[c]*=s,Kn[c]*=a,Ut(d,Ct(Yn[c]),Ct(Kn[c]),J,R))}}if(ke.
show&&!lo&&ke.left>=0&&ke.width>0){ke.left*=s,ke.width*=s,ke.top*=a,ke.height*=a;for(let c in ns)Me(el,c,ke[c])}zn=ye,bn=Ie,It=J,yn=R}je("setSize"),no=!1}$t>0&&
wn>0&&(h.clearRect(0,0,w.width,w.height),je("drawClear"),Z.forEach(s=>s()),je("draw")),ke.show&&lo&&(uo(ke),lo=!1),tt&&vn&&(Sn(null,!0,!1),vn=!1),ee.show&&ee.live&&
xt&&(es(),xt=!1),f||(f=!0,l.status=1,je("ready")),kl=!1,ao=!1}l.redraw=(s,a)=>{qn=a||!1,s!==!1?rn(P,_.min,_.max):Zn()};function $o(s,a){let c=M[s];if(c.from==null){
if(Je==0){let d=c.range(l,a.min,a.max,s);a.min=d[0],a.max=d[1]}if(a.min>a.max){let d=a.min;a.min=a.max,a.max=d}if(Je>1&&a.min!=null&&a.max!=null&&a.max-a.min<1e-16)
return;s==P&&c.distr==2&&Je>0&&(a.min=Ft(a.min,t[0]),a.max=Ft(a.max,t[0]),a.min==a.max&&a.max++),W[s]=a,Oo=!0,Zn()}}l.setScale=$o;let Qo,Xo,Jn,$n,Ti,ki,Qn,Xn,Si,
Mi,Te,Ee,sn=!1,$e=H.drag,Ye=$e.x,Ke=$e.y;tt&&(H.x&&(Qo=_t(ic,k)),H.y&&(Xo=_t(rc,k)),_.ori==0?(Jn=Qo,$n=Xo):(Jn=Xo,$n=Qo),Te=H.left,Ee=H.top);let ke=l.select=Fe(
{show:!0,over:!0,left:0,width:0,top:0,height:0},e.select),el=ke.show?_t(sc,ke.over?k:C):null;function uo(s,a){if(ke.show){for(let c in s)ke[c]=s[c],c in ns&&Me(
el,c,s[c]);a!==!1&&je("setSelect")}}l.setSelect=uo;function Nu(s){if(S[s].show)We&&bs(Re[s],Vn);else if(We&&gt(Re[s],Vn),tt){let c=Gn?Tt[0]:Tt[s];c!=null&&Ut(c,
-10,-10,J,R)}}function rn(s,a,c){$o(s,{min:a,max:c})}function qt(s,a,c,d){a.focus!=null&&Bu(s),a.show!=null&&S.forEach((m,g)=>{g>0&&(s==g||s==null)&&(m.show=a.show,
Nu(g),o==2?(rn(m.facets[0].scale,null,null),rn(m.facets[1].scale,null,null)):rn(m.scale,null,null),Zn())}),c!==!1&&je("setSeries",s,a),d&&Ll("setSeries",l,s,a)}
l.setSeries=qt;function Wu(s,a){Fe(Q[s],a)}function Iu(s,a){s.fill=le(s.fill||null),s.dir=ae(s.dir,-1),a=a??Q.length,Q.splice(a,0,s)}function zu(s){s==null?Q.length=
0:Q.splice(s,1)}l.addBand=Iu,l.setBand=Wu,l.delBand=zu;function qu(s,a){S[s].alpha=a,tt&&Tt[s]!=null&&(Tt[s].style.opacity=a),We&&Re[s]&&(Re[s].style.opacity=a)}
let Qt,an,kn,tl={focus:!0};function Bu(s){if(s!=kn){let a=s==null,c=zt.alpha!=1;S.forEach((d,m)=>{if(o==1||m>0){let g=a||m==0||m==s;d._focus=a?null:g,c&&qu(m,g?
1:zt.alpha)}}),kn=s,c&&Zn()}}We&&Bn&&nt($i,de,s=>{H._lock||(xn(s),kn!=null&&qt(null,tl,!0,He.setSeries))});function Bt(s,a,c){let d=M[a];c&&(s=s/fe-(d.ori==1?Ie:
ye));let m=J;d.ori==1&&(m=R,s=m-s),d.dir==-1&&(s=m-s);let g=d._min,y=d._max,x=s/m,T=g+(y-g)*x,L=d.distr;return L==3?rl(10,T):L==4?Sc(T,d.asinh):L==100?d.bwd(T):
T}function Gu(s,a){let c=Bt(s,P,a);return Ft(c,t[0],Be,Ge)}l.valToIdx=s=>Ft(s,t[0]),l.posToIdx=Gu,l.posToVal=Bt,l.valToPos=(s,a,c)=>M[a].ori==0?i(s,M[a],c?at:J,
c?ft:0):u(s,M[a],c?Et:R,c?vt:0),l.setCursor=(s,a,c)=>{Te=s.left,Ee=s.top,Sn(null,a,c)};function _i(s,a){Me(el,ol,ke.left=s),Me(el,Dl,ke.width=a)}function Ci(s,a){
Me(el,"top",ke.top=s),Me(el,Pl,ke.height=a)}let Ml=_.ori==0?_i:Ci,_l=_.ori==1?_i:Ci;function Yu(){if(We&&ee.live)for(let s=o==2?1:0;s<S.length;s++){if(s==0&&yt)
continue;let a=ee.values[s],c=0;for(let d in a)Wt[s][c++].firstChild.nodeValue=a[d]}}function es(s,a){if(s!=null&&(s.idxs?s.idxs.forEach((c,d)=>{me[d]=c}):Lc(s.
idx)||me.fill(s.idx),ee.idx=me[0]),We&&ee.live){for(let c=0;c<S.length;c++)(c>0||o==1&&!yt)&&Ku(c,me[c]);Yu()}xt=!1,a!==!1&&je("setLegend")}l.setLegend=es;function Ku(s,a){
let c=S[s],d=s==0&&$==2?Rt:t[s],m;yt?m=c.values(l,s,a)??ln:(m=c.value(l,a==null?null:d[a],s,a),m=m==null?ln:{_:m}),ee.values[s]=m}function Sn(s,a,c){Si=Te,Mi=Ee,
[Te,Ee]=H.move(l,Te,Ee),H.left=Te,H.top=Ee,tt&&(Jn&&Ut(Jn,ze(Te),0,J,R),$n&&Ut($n,0,ze(Ee),J,R));let d,m=Be>Ge;Qt=we,an=null;let g=_.ori==0?J:R,y=_.ori==1?J:R;if(Te<
0||Je==0||m){d=H.idx=null;for(let x=0;x<S.length;x++){let T=Tt[x];T!=null&&Ut(T,-10,-10,J,R)}Bn&&qt(null,tl,!0,s==null&&He.setSeries),ee.live&&(me.fill(d),xt=!0)}else{
let x,T,L;o==1&&(x=_.ori==0?Te:Ee,T=Bt(x,P),d=H.idx=Ft(T,t[0],Be,Ge),L=A(t[0][d],_,g,0));let E=-10,V=-10,j=0,ue=0,re=!0,te="",G="";for(let F=o==2?1:0;F<S.length;F++){
let Se=S[F],De=me[F],Ue=De==null?null:o==1?t[F][De]:t[F][1][De],he=H.dataIdx(l,F,d,T),Pe=he==null?null:o==1?t[F][he]:t[F][1][he];if(xt=xt||Pe!=Ue||he!=De,me[F]=
he,F>0&&Se.show){let dt=he==null?-10:he==d?L:A(o==1?t[0][he]:t[F][0][he],_,g,0),lt=Pe==null?-10:K(Pe,o==1?M[Se.scale]:M[Se.facets[1].scale],y,0);if(Bn&&Pe!=null){
let kt=_.ori==1?Te:Ee,Vt=qe(zt.dist(l,F,he,lt,kt));if(Vt<Qt){let Gt=zt.bias;if(Gt!=0){let pt=Bt(kt,Se.scale),St=Pe>=0?1:-1,Dt=pt>=0?1:-1;Dt==St&&(Dt==1?Gt==1?Pe>=
pt:Pe<=pt:Gt==1?Pe<=pt:Pe>=pt)&&(Qt=Vt,an=F)}else Qt=Vt,an=F}}if(xt||Gn){let kt,Vt;_.ori==0?(kt=dt,Vt=lt):(kt=lt,Vt=dt);let Gt,pt,St,Dt,Yt,ot,mt=!0,Mn=et.bbox;if(Mn!=
null){mt=!1;let st=Mn(l,F);St=st.left,Dt=st.top,Gt=st.width,pt=st.height}else St=kt,Dt=Vt,Gt=pt=et.size(l,F);if(ot=et.fill(l,F),Yt=et.stroke(l,F),Gn)F==an&&Qt<=
zt.prox&&(E=St,V=Dt,j=Gt,ue=pt,re=mt,te=ot,G=Yt);else{let st=Tt[F];st!=null&&(Yn[F]=St,Kn[F]=Dt,or(st,Gt,pt,mt),nr(st,ot,Yt),Ut(st,Ct(St),Ct(Dt),J,R))}}}}if(Gn){
let F=zt.prox,Se=kn==null?Qt<=F:Qt>F||an!=kn;if(xt||Se){let De=Tt[0];De!=null&&(Yn[0]=E,Kn[0]=V,or(De,j,ue,re),nr(De,te,G),Ut(De,Ct(E),Ct(V),J,R))}}}if(ke.show&&
sn)if(s!=null){let[x,T]=He.scales,[L,E]=He.match,[V,j]=s.cursor.sync.scales,ue=s.cursor.drag;if(Ye=ue._x,Ke=ue._y,Ye||Ke){let{left:re,top:te,width:G,height:F}=s.
select,Se=s.scales[V].ori,De=s.posToVal,Ue,he,Pe,dt,lt,kt=x!=null&&L(x,V),Vt=T!=null&&E(T,j);kt&&Ye?(Se==0?(Ue=re,he=G):(Ue=te,he=F),Pe=M[x],dt=A(De(Ue,V),Pe,g,
0),lt=A(De(Ue+he,V),Pe,g,0),Ml(Ot(dt,lt),qe(lt-dt))):Ml(0,g),Vt&&Ke?(Se==1?(Ue=re,he=G):(Ue=te,he=F),Pe=M[T],dt=K(De(Ue,j),Pe,y,0),lt=K(De(Ue+he,j),Pe,y,0),_l(Ot(
dt,lt),qe(lt-dt))):_l(0,y)}else ls()}else{let x=qe(Si-Ti),T=qe(Mi-ki);if(_.ori==1){let j=x;x=T,T=j}Ye=$e.x&&x>=$e.dist,Ke=$e.y&&T>=$e.dist;let L=$e.uni;L!=null?
Ye&&Ke&&(Ye=x>=L,Ke=T>=L,!Ye&&!Ke&&(T>x?Ke=!0:Ye=!0)):$e.x&&$e.y&&(Ye||Ke)&&(Ye=Ke=!0);let E,V;Ye&&(_.ori==0?(E=Qn,V=Te):(E=Xn,V=Ee),Ml(Ot(E,V),qe(V-E)),Ke||_l(
0,y)),Ke&&(_.ori==1?(E=Qn,V=Te):(E=Xn,V=Ee),_l(Ot(E,V),qe(V-E)),Ye||Ml(0,g)),!Ye&&!Ke&&(Ml(0,0),_l(0,0))}if($e._x=Ye,$e._y=Ke,s==null){if(c){if(Ni!=null){let[x,
T]=He.scales;He.values[0]=x!=null?Bt(_.ori==0?Te:Ee,x):null,He.values[1]=T!=null?Bt(_.ori==1?Te:Ee,T):null}Ll(cs,l,Te,Ee,J,R,d)}if(Bn){let x=c&&He.setSeries,T=zt.
prox;kn==null?Qt<=T&&qt(an,tl,!0,x):Qt>T?qt(null,tl,!0,x):an!=kn&&qt(an,tl,!0,x)}}xt&&(ee.idx=d,es()),a!==!1&&je("setCursor")}let un=null;Object.defineProperty(
l,"rect",{get(){return un==null&&Cl(!1),un}});function Cl(s=!1){s?un=null:(un=k.getBoundingClientRect(),je("syncRect",un))}function Li(s,a,c,d,m,g,y){H._lock||sn&&
s!=null&&s.movementX==0&&s.movementY==0||(ts(s,a,c,d,m,g,y,!1,s!=null),s!=null?Sn(null,!0,!0):Sn(a,!0,!1))}function ts(s,a,c,d,m,g,y,x,T){if(un==null&&Cl(!1),xn(
s),s!=null)c=s.clientX-un.left,d=s.clientY-un.top;else{if(c<0||d<0){Te=-10,Ee=-10;return}let[L,E]=He.scales,V=a.cursor.sync,[j,ue]=V.values,[re,te]=V.scales,[G,
F]=He.match,Se=a.axes[0].side%2==1,De=_.ori==0?J:R,Ue=_.ori==1?J:R,he=Se?g:m,Pe=Se?m:g,dt=Se?d:c,lt=Se?c:d;if(re!=null?c=G(L,re)?r(j,M[L],De,0):-10:c=De*(dt/he),
te!=null?d=F(E,te)?r(ue,M[E],Ue,0):-10:d=Ue*(lt/Pe),_.ori==1){let kt=c;c=d,d=kt}}T&&(a==null||a.cursor.event.type==cs)&&((c<=1||c>=J-1)&&(c=En(c,J)),(d<=1||d>=R-
1)&&(d=En(d,R))),x?(Ti=c,ki=d,[Qn,Xn]=H.move(l,c,d)):(Te=c,Ee=d)}let ns={width:0,height:0,left:0,top:0};function ls(){uo(ns,!1)}let Ei,Ri,Vi,Di;function Pi(s,a,c,d,m,g,y){
sn=!0,Ye=Ke=$e._x=$e._y=!1,ts(s,a,c,d,m,g,y,!0,!1),s!=null&&(nt(fs,gs,Ai,!1),Ll(Zi,l,Qn,Xn,J,R,null));let{left:x,top:T,width:L,height:E}=ke;Ei=x,Ri=T,Vi=L,Di=E}
function Ai(s,a,c,d,m,g,y){sn=$e._x=$e._y=!1,ts(s,a,c,d,m,g,y,!1,!0);let{left:x,top:T,width:L,height:E}=ke,V=L>0||E>0,j=Ei!=x||Ri!=T||Vi!=L||Di!=E;if(V&&j&&uo(ke),
$e.setScale&&V&&j){let ue=x,re=L,te=T,G=E;if(_.ori==1&&(ue=T,re=E,te=x,G=L),Ye&&rn(P,Bt(ue,P),Bt(ue+re,P)),Ke)for(let F in M){let Se=M[F];F!=P&&Se.from==null&&Se.
min!=we&&rn(F,Bt(te+G,F),Bt(te,F))}ls()}else H.lock&&(H._lock=!H._lock,Sn(a,!0,s!=null));s!=null&&(In(fs,gs),Ll(fs,l,Te,Ee,J,R,null))}function ju(s,a,c,d,m,g,y){
if(H._lock)return;xn(s);let x=sn;if(sn){let T=!0,L=!0,E=10,V,j;_.ori==0?(V=Ye,j=Ke):(V=Ke,j=Ye),V&&j&&(T=Te<=E||Te>=J-E,L=Ee<=E||Ee>=R-E),V&&T&&(Te=Te<Qn?0:J),j&&
L&&(Ee=Ee<Xn?0:R),Sn(null,!0,!0),sn=!1}Te=-10,Ee=-10,me.fill(null),Sn(null,!0,!0),x&&(sn=x)}function Hi(s,a,c,d,m,g,y){H._lock||(xn(s),Wo(),ls(),s!=null&&Ll(Qi,
l,Te,Ee,J,R,null))}function Fi(){z.forEach(Yf),No(l.width,l.height,!0)}Dn(wo,il,Fi);let nl={};nl.mousedown=Pi,nl.mousemove=Li,nl.mouseup=Ai,nl.dblclick=Hi,nl.setSeries=
(s,a,c,d)=>{let m=He.match[2];c=m(l,a,c),c!=-1&&qt(c,d,!0,!1)},tt&&(nt(Zi,k,Pi),nt(cs,k,Li),nt(Ji,k,s=>{xn(s),Cl(!1)}),nt($i,k,ju),nt(Qi,k,Hi),Ss.add(l),l.syncRect=
Cl);let co=l.hooks=e.hooks||{};function je(s,a,c){Jo?Sl.push([s,a,c]):s in co&&co[s].forEach(d=>{d.call(null,l,a,c)})}(e.plugins||[]).forEach(s=>{for(let a in s.
hooks)co[a]=(co[a]||[]).concat(s.hooks[a])});let Oi=(s,a,c)=>c,He=Fe({key:null,setSeries:!1,filters:{pub:ur,sub:ur},scales:[P,S[1]?S[1].scale:null],match:[cr,cr,
Oi],values:[null,null]},H.sync);He.match.length==2&&He.match.push(Oi),H.sync=He;let Ni=He.key,os=ia(Ni);function Ll(s,a,c,d,m,g,y){He.filters.pub(s,a,c,d,m,g,y)&&
os.pub(s,a,c,d,m,g,y)}os.sub(l);function Uu(s,a,c,d,m,g,y){He.filters.sub(s,a,c,d,m,g,y)&&nl[s](null,a,c,d,m,g,y)}l.pub=Uu;function Zu(){os.unsub(l),Ss.delete(l),
gn.clear(),ys(wo,il,Fi),p.remove(),de?.remove(),je("destroy")}l.destroy=Zu;function ss(){je("init",e,t),mi(t||e.data,!1),W[P]?$o(P,W[P]):Wo(),lo=ke.show&&(ke.width>
0||ke.height>0),vn=xt=!0,No(e.width,e.height)}return S.forEach(di),z.forEach(Cu),n?n instanceof HTMLElement?(n.appendChild(p),ss()):n(l,ss):ss(),l}Ve.assign=Fe;
Ve.fmtNum=Vs;Ve.rangeNum=bo;Ve.rangeLog=xo;Ve.rangeAsinh=Es;Ve.orient=An;Ve.pxRatio=fe;Ve.join=Hc;Ve.fmtDate=Ps,Ve.tzDate=Kc;Ve.sync=ia;{Ve.addGap=Ef,Ve.clipGaps=
So;let e=Ve.paths={points:da};e.linear=ma,e.stepped=Df,e.bars=Pf,e.spline=Hf}var Hn=24,Is=new Map,Nl=null,Wl=null;function zs(){Is=new Map,Nl=null,Wl=null}function Oe(e){let t=Is.get(e);return t===void 0&&(t=getComputedStyle(document.documentElement).
getPropertyValue("--"+e).trim(),Is.set(e,t)),t}function Kf(e,t,n){let l=(o,i)=>parseInt(o.slice(1+i*2,3+i*2),16);return"rgb("+[0,1,2].map(o=>Math.round(l(e,o)+(l(
t,o)-l(e,o))*n)).join(",")+")"}function qs(){if(Nl)return Nl;let e=Oe("heat").split(/\s+/);return Nl=Array.from({length:Hn},(t,n)=>{let l=n/(Hn-1)*(e.length-1),
o=Math.min(e.length-2,Math.floor(l));return Kf(e[o],e[o+1],l-o)}),Nl}function Il(e){let t=e.getContext("2d");if(!t)throw new Error("this browser cannot draw on \
a canvas");return t}function ba(e){if(Wl)return Wl;let t=Math.round(8*Ve.pxRatio),n=v("canvas",{width:t,height:t}),l=Il(n);l.strokeStyle=Oe("hatch"),l.lineWidth=
Ve.pxRatio;for(let o of[-t,0,t])l.beginPath(),l.moveTo(o,t),l.lineTo(o+t,0),l.stroke();return Wl=e.createPattern(n,"repeat"),Wl??Oe("hatch")}function zl(e){let{definition:t}=e;return t.alwaysLogarithmic||(e.logarithmic??!!t.log?.(e.facts,e.model))}var jf=e=>e.map(t=>ce(t)?t:null);function ql(e){let t=e.
definition.x(e.facts,e.model);if(!e.definition.stacked)return[t,...e.lines.map(o=>jf(o.values))];let n=new Array(t.length).fill(null),l=[];for(let o of[...e.lines].
reverse()){for(let i=0;i<t.length;i+=1){let u=e.hidden.has(o.key)?null:o.values[i];ce(u)&&(n[i]=(n[i]??0)+u)}l.unshift(n.slice())}return[t,...l]}var Bl={from:null,to:0},ml=[];function Lo(e){return Bl.from===null?[0,Math.max(e.facts.end,1)]:[Bl.from,Bl.to]}function Gl(e,t=0){Bl.from=e,Bl.to=t;for(let n of ml){
n.reset.hidden=e===null;let[l,o]=Lo(n);n.uplot?.setScale("x",{min:l,max:o})}}function ya(e,t){let[n,l]=Lo(e),o=e.uplot?.cursor.idx,i=ce(o)?e.facts.middle[o]:(n+
l)/2,u=(l-n)*t/2,r=Math.max(e.facts.end,1);if(u*2>=r)return Gl(null);if(u*2<e.facts.step*2)return;let f=Math.min(Math.max(0,i-u),r-u*2);Gl(f,f+u*2)}function Yl(e){
if(e.definition.overTime)return Gl(null);e.reset.hidden=!0,e.zoomed=null,e.uplot?.setData(e.uplot.data)}var Bs=200;function va(e){if(e.legend.replaceChildren(),e.outputs=[],e.when=v("span",{class:"when"}),e.definition.legend){e.definition.legend(e);return}let{stacked:t}=e.
definition;for(let n of e.lines){let l=v("output"),o=v("span",{class:"swatch"+(t?" area":n.dash?n.dash[0]>3?" dash":" dot":""),"aria-hidden":"true"});o.style[t?
"background":"borderTopColor"]="var(--"+n.colour+")",e.outputs.push(l);let i=v("button",{type:"button","aria-pressed":String(!e.hidden.has(n.key)),title:"Show o\
r hide"},o,v("span",{},n.label),l);e.legend.append(cn(i,{click:()=>Uf(e,n.key,i)}))}e.legend.append(e.when)}function Uf(e,t,n){e.hidden.has(t)?e.hidden.delete(t):
e.hidden.add(t),n.setAttribute("aria-pressed",String(!e.hidden.has(t))),e.definition.stacked?e.uplot?.setData(ql(e)):e.uplot?.setSeries(e.lines.findIndex(l=>l.key===
t)+1,{show:!e.hidden.has(t)})}function xa(e){let t=e.uplot?.cursor;return t&&ce(t.left)&&t.left>=0&&ce(t.idx)?t.idx:null}function Kl(e){let t=xa(e);Y(e.when,t===
null?"":"at "+e.definition.place(e,t)),e.definition.readCursor?.(e,t);for(let[n,l]of e.outputs.entries())Y(l,t===null?"":e.definition.format(e.lines[n].values[t]))}
function Ta(e){if(!e.byKey)return;e.byKey=!1;let t=e.definition.overTime?ml:[e];for(let n of t)n.uplot?.setCursor({left:-10,top:-10})}function ka(e,t){if(!e.uplot||
t.ctrlKey||t.metaKey||t.altKey)return;let n=e.uplot.data[0],{min:l=-1/0,max:o=1/0}=e.uplot.scales.x,i=n.findIndex(w=>w>=l),u=n.length-1;for(;u>0&&n[u]>o;)u-=1;i<
0&&(i=0);let r=xa(e),f=t.shiftKey?10:1,p={ArrowRight:r===null?i:r+f,ArrowLeft:r===null?u:r-f,Home:i,End:u};t.key in p?(t.preventDefault(),Zf(e,Math.min(u,Math.max(
i,p[t.key])))):e.definition.overTime&&(t.key==="+"||t.key==="-")?(t.preventDefault(),ya(e,t.key==="+"?.5:2)):(t.key==="0"||t.key==="Escape")&&Yl(e)}function Zf(e,t){
let n=e.uplot?.data[0][t]??0;for(let o of e.definition.overTime?ml:[e]){if(!o.uplot||o.figure.hidden)continue;let i=o.uplot.setCursor;i({left:o.uplot.valToPos(n,
"x"),top:o.uplot.over.clientHeight/2},!0,!1),Kl(o)}e.byKey=!0;let l=e.definition.speak?e.definition.speak(e,t):e.lines.map(o=>o.label+" "+e.definition.format(o.
values[t])).join(", ");Kt("At "+e.definition.place(e,t)+": "+l)}function Gs(e){if(!e.details.open||!e.lines.length)return;let{columns:t,rows:n,note:l}=e.definition.
rows(e.facts,e.model,e.lines),o=_n(e.definition.heading,t,n),i=e.tableHost.querySelector(".scroll"),u=i?[i.scrollLeft,i.scrollTop]:[0,0],r=i&&i===document.activeElement,
f=Xt(e.definition.heading+" as a table",o,"tall fit");e.tableHost.replaceChildren(...l?[v("p",{class:"muted"},l)]:[],f),[f.scrollLeft,f.scrollTop]=u,r&&f.focus(
{preventScroll:!0})}function jl(e,t,n,l){let o=Math.max(1,Math.ceil(e.at.length/Bs)),i=[];for(let f=0;f<e.at.length;f+=o){let p=t.map(({values:w})=>{let h=rs(w.
slice(f,f+o));return h.length?n==="rate"?pn(h)/h.length:Xe(h):null});i.push([Pt(e.at[f],e.end),...p.map(l)])}let u=ht(o*e.step),r=o*e.step>1?"Each row is "+u+(n===
"rate"?": the mean rate of that time.":": the highest value of that time."):null;return{columns:["from",...t.map(({label:f})=>f)],rows:i,note:r}}function Ul(e,t){
return e.map(({label:n,values:l})=>{let[o,i]=[dn(l),Xe(l)];return o===null?n+" not known":o===i?n+" "+t(o):n+" "+t(o)+" to "+t(i)}).join("; ")+"."}function Jf(e,t){
let{at:n,step:l,end:o}=e.facts;return Pt(n[t],o)+(l>1?" to "+Pt(n[t]+l,o):"")}var Fn={overTime:!0,x:e=>e.middle,labelX:"time since the start",place:Jf};function Sa(e){let t=[];for(let n of[...e.model.missing].sort((l,o)=>l.from_s-o.from_s)){let l=t[t.length-1];l&&n.from_s<=l.to_s?l.to_s=Math.max(l.to_s,n.to_s):
t.push({from_s:n.from_s,to_s:n.to_s})}return t}function Ys(e,{from_s:t,to_s:n}){let{left:l,width:o}=e.bbox,i=Math.max(l,e.valToPos(t,"x",!0)),u=Math.min(l+o,e.valToPos(
n,"x",!0));return u>i?{begin:i,width:u-i}:null}function Ma(e,t){let{ctx:n,bbox:l}=e,o=(i,u)=>{let r=Ys(e,i);if(r)for(let f of u)n.fillStyle=f(),n.fillRect(r.begin,
l.top,r.width,l.height)};n.save();for(let i of t.model.phases)i.measured||o(i,[()=>Oe("shade")]);for(let i of Sa(t))o(i,[()=>Oe("hatch-ground"),()=>ba(n)]);n.restore()}
function _a(e,t){let{ctx:n,bbox:l}=e,o=Ve.pxRatio;n.save(),n.font=11*o+"px system-ui, sans-serif",n.textBaseline="middle",n.textAlign="left",t.definition.strip&&
$f(e,t,n,o);for(let i of Sa(t)){let u=Ys(e,i),r=u&&Ca(n,["a worker’s part is missing","part missing","missing"],u.width-10*o);r&&(n.fillStyle=Oe("panel"),n.fillRect(
u.begin+3*o,l.top+3*o,n.measureText(r).width+8*o,16*o),n.fillStyle=Oe("warn"),n.fillText(r,u.begin+7*o,l.top+11.5*o))}n.restore()}function $f(e,t,n,l){for(let o of t.
model.phases){let i=Ys(e,o);if(!i)continue;let u=e.bbox.top-17*l;n.fillStyle=Oe(o.measured?"busy-ground":"shade"),n.fillRect(i.begin+l/2,u,Math.max(l,i.width-l),
15*l);let r=o.text.split(" ")[0],f=o.measured?[o.text,r]:[o.text+", not measured",r+", not measured","not measured",r],p=Ca(n,f.map(At),i.width-8*l);n.fillStyle=
Oe(o.measured?"busy":"muted"),p&&n.fillText(p,i.begin+4*l,u+8*l)}}function Ca(e,t,n){return t.find(l=>e.measureText(l).width<=n)??null}var _e={ready:!1,charts:{},model:null,past:[],format:{count:ve,time:se,rate:Qe,duration:ht}};window.vajraPage=_e;var Eo=document.body.dataset.live==="1";var Ro=230,La="12px system-ui, sans-serif",Zl=new Map;function hl(e,t,n,l){let o=Zl.get(t.key);if(!o){if(!t.draw(n,l))return!1;o=Qf(e,t,n,l),Zl.set(t.key,o)}return ed(
o,n,l)}function Qf(e,t,n,l){let o=v("div"),i=v("div",{class:"plot",role:"img",tabindex:"0"}),u=v("details",{class:"data"},v("summary",{},"As a table"),o),r=v("d\
iv"),f=v("div",{class:"legend",role:"group","aria-label":"Series of this chart"}),p=fn("Reset zoom",()=>{Yl(b),i.focus()},{hidden:!0}),w=t.log?fn("",()=>Xf(b)):
null,h=v("figure",{class:"chart",id:"chart-"+t.key},v("figcaption",{class:"chart-head"},v("h3",{},t.heading),v("span",{class:"muted"},t.hint)),v("div",{class:"c\
hart-head"},f,v("div",{class:"tools"},w,p)),i,r,u),b={definition:t,figure:h,legend:f,plot:i,below:r,tableHost:o,details:u,reset:p,scale:w,facts:n,model:l,when:v(
"span",{class:"when"}),outputs:[],hidden:new Set,met:new Set,uplot:null,lines:[],shape:"",logarithmic:null,zoomed:null,byKey:!1};return cn(i,{keydown:C=>ka(b,C),
blur:()=>Ta(b)}),cn(u,{toggle:()=>Gs(b)}),e.append(h),new ResizeObserver(()=>cd(b)).observe(i),t.overTime&&ml.push(b),b}function Xf(e){e.logarithmic=!zl(e),Va(e)}
var Ra=e=>JSON.stringify([e.lines.map(t=>t.key),zl(e)]);function ed(e,t,n){let{definition:l}=e,o=l.draw(t,n);if(e.figure.hidden=o===null,!o)return!1;e.facts=t,e.
model=n,e.lines=o;for(let i of o)i.optional&&!e.met.has(i.key)&&e.hidden.add(i.key),e.met.add(i.key);return!e.uplot||e.shape!==Ra(e)?Va(e):(e.uplot.setData(ql(e)),
Kl(e)),e.plot.setAttribute("aria-label",l.describe(t,n)+" Arrow keys read the values."),l.below?.(e),e.details.open&&Gs(e),!0}function Va(e){e.shape=Ra(e),e.uplot?.
destroy(),e.scale&&Y(e.scale,zl(e)?"Linear scale":"Logarithmic scale"),va(e);let t=new Ve(td(e),ql(e),e.plot);e.uplot=t,_e.charts[e.definition.key]=t;for(let[n,
l]of e.lines.entries())e.hidden.has(l.key)&&!e.definition.stacked&&t.setSeries(n+1,{show:!1});Kl(e)}function td(e){let{definition:t}=e,n=zl(e),l=e.plot.clientWidth<
480,o={stroke:()=>Oe("muted"),font:La,labelFont:La,grid:{stroke:()=>Oe("grid"),width:1},ticks:{stroke:()=>Oe("grid"),width:1,size:5}},i=(r,f)=>t.overTime?Lo(e):
t.rangeX?.(e,r,f)??[r,f],u=(r,f)=>t.rangeY?.(e)??id(r,f*(sd(e)?1.2:1),n);return{width:e.plot.clientWidth||600,height:t.height??Ro,padding:[t.strip?20:10,26,0,0],
legend:{show:!1},scales:{x:{time:!1,range:(r,f,p)=>i(f,p)},y:{auto:!0,distr:n?3:1,log:10,range:(r,f,p)=>u(f,p)}},axes:[{...o,label:typeof t.labelX=="string"?t.labelX:
t.labelX(e.model),labelSize:18,size:30,gap:3,space:l?58:70,...t.overTime?ud(e):t.axisX?.(e)},{...o,label:t.labelY,labelSize:18,size:l?55:60,gap:4,space:28,values:(r,f)=>f.
map(t.tick),...n?{splits:(r,f,p,w)=>ad(p,w),filter:(r,f)=>f}:{}}],series:[{},...e.lines.map((r,f)=>ld(e,r,f))],cursor:nd(e),hooks:{drawClear:t.overTime?[r=>Ma(r,
e)]:[],drawAxes:t.paint?[r=>t.paint?.(r,e)]:[],draw:t.overTime?[r=>_a(r,e)]:[],setCursor:[()=>Kl(e)],setSelect:[r=>fd(r,e)],ready:[dd]}}}function nd(e){let{definition:t}=e;
return{y:!!t.cursorY,points:{show:!t.stacked&&!t.cursorY,size:7},drag:{x:!0,y:!1,setScale:!1},bind:{dblclick:()=>()=>(Yl(e),null)},...t.overTime&&{sync:{key:"ti\
me",setSeries:!1,scales:["x",null],filters:{pub:n=>n==="mousemove"||n==="mouseleave"}}}}}function ld(e,t,n){let{definition:l}=e,o=()=>Oe(t.colour),i=l.points||e.
facts.at.length<=45&&l.overTime,u={label:t.label,stroke:o,width:t.width??1.6,dash:t.dash,spanGaps:!1};return l.stacked?{...u,fill:o,width:0,points:{show:!1},paths:Ve.
paths.bars?.({size:[.92,40],align:0})}:t.invisible?{...u,show:!0,paths:()=>null,points:{show:!1}}:{...u,points:{show:i&&!t.dash,size:4,fill:o,stroke:o,width:0,filter:i&&
!t.dash?void 0:(r,f,p,w)=>od(e.lines[n].values,w)}}}function od(e,t){if(e.length>1&&(!t||!t.length))return null;let n=[];for(let l=0;l<e.length;l+=1)ce(e[l])&&!ce(
e[l-1])&&!ce(e[l+1])&&n.push(l);return n.length?n:null}var sd=e=>!!e.definition.overTime&&e.model.missing.length>0;function id(e,t,n){return n?e>0?[Ea(e),Math.max(
rd(t),Ea(e)*10)]:[.1,10]:[0,t>0?t*1.08:1]}function Ea(e){let t=10**Math.floor(Math.log10(e)+1e-9);return[5,2].map(n=>n*t).find(n=>n<=e*1.000001)??t}function rd(e){
let t=10**Math.floor(Math.log10(e)+1e-9);return[1,2,5].map(n=>n*t).find(n=>n>=e*.999999)??t*10}function ad(e,t){let l=Math.log10(t/e)<=3.4?[1,2,5]:[1],o=[];for(let i=Math.
floor(Math.log10(e));i<=Math.ceil(Math.log10(t));i+=1)for(let u of l){let r=u*10**i;r>=e*.999&&r<=t*1.001&&o.push(r)}return o}function ud(e){return{incrs:[1,2,5,
10,15,20,30,60,120,300,600,900,1800,3600,7200],values:(t,n)=>n.map(l=>Pt(l,e.facts.end))}}function cd(e){let t=e.plot.clientWidth;!e.uplot||!t||t===e.uplot.width||
e.uplot.setSize({width:t,height:e.definition.height??Ro})}function fd(e,t){if(e.select.width<5)return;let n=e.posToVal(e.select.left,"x"),l=e.posToVal(e.select.
left+e.select.width,"x");e.setSelect({left:0,top:0,width:0,height:0},!1),t.definition.overTime?l-n>=t.facts.step&&Gl(Math.max(0,n),l):(t.zoomed=[n,l],t.reset.hidden=
!1,e.setScale("x",{min:n,max:l}))}function dd(e){e.over.addEventListener("pointermove",t=>{if(t.pointerType!=="touch")return;let n=e.over.getBoundingClientRect();
e.setCursor({left:t.clientX-n.left,top:t.clientY-n.top})})}var Ks="all",gl="request ",Jl="failure ",Nt={made:Ks},pd={p50:[],p90:[],p99:[],p99_9:[],max:[],heat:[]};function Da(e){let t=fo(e.seconds,e.heat),n=e.choices.find(
i=>gl+i.name===Nt.made),l=e.requests.find(i=>gl+i.name===Nt.made);if(n&&l){let i=ve(l.failed)+" failed";return{facts:fo(n.seconds,n.heat),model:{...e,distribution:n.
distribution,total:l,errors:i,against:null}}}let o=Nt.made.startsWith(Jl)?Nt.made.slice(Jl.length):null;if(o&&t.kinds.includes(o)){let i=e.distribution.filter(r=>r.
name==="latency of failed").map(r=>({...r,name:"latency of all failed",shown:!0})),u=e.total.failures[o]??0;return{facts:{...t,kinds:[o],...pd,users:null,inFlight:[],
failuresOnly:!0},model:{...e,distribution:i,errors:ve(u)+" "+At(o),against:null}}}return{facts:t,model:e}}function md(e){return Nt.made===Ks?[]:e.failures.filter(
({kind:t,request:n})=>[Jl+t,gl+n].includes(Nt.made))}function hd({count:e,reason:t,request:n,origin:l,first:o}){let i=n+(l?" at "+l:""),u=o.length?"; first arri\
vals "+o.join(", "):"";return ve(e)+" × "+t+": "+i+u}function Pa(e,t){let n=fo(e.seconds,e.heat).kinds,l=N("choice");l.hidden=!e.seconds.at.length||e.choices.length+
n.length===0;let o=e.choices.map(r=>r.name),i=()=>{let r=(w,h)=>v("option",{value:w,selected:w===Nt.made},h),f=(w,h)=>h.length?v("optgroup",{label:w},...h):null,
p=v("select",{id:"choice-select"},r(Ks,"all requests"),f("requests of one name",o.map(w=>r(gl+w,w))),f("failures of one kind",n.map(w=>r(Jl+w,At(w)))));return cn(
p,{change:()=>{Nt.made=p.value,t()}})};ge(I(l,"select","span"),[o,n],()=>[v("label",{for:"choice-select"},"Charts show "),i()]);let u=md(e);ge(I(l,"reasons"),u,
()=>[Mt(u.map(hd))]),Y(I(l,"note","p",{class:"muted"}),gd(e))}function gd(e){return Nt.made.startsWith(Jl)?"Times are not recorded by kind of failure: the distr\
ibution contains all failed requests.":Nt.made.startsWith(gl)?e.choices.find(n=>gl+n.name===Nt.made)?.seconds.at.length?"For one name, the charts over time cont\
ain only measured requests, without planned and dropped arrivals.":"The snapshots of this run do not contain requests by name over time.":""}var js={passed:"✓",crossed:"✗",incomplete:"!",unjudged:"–",running:"…"},Vo=e=>e.charAt(0).toUpperCase()+e.slice(1);function Us(e,t,n=!1){let l=e in js;return v(
"span",{class:"badge"+(n?" small":"")+" "+(l?e:"running")},v("span",{"aria-hidden":"true"},l?js[e]:"·"),Vo(t))}var Zs=e=>e.live!==null&&e.live.state!=="ended",
Js=e=>e.started!==null;function Aa(e){Y(N("scenario"),e.scenario||"Load test"),Y(N("run-line"),e.heading),Eo&&(document.title=Vo(e.verdict_word)+": "+e.scenario)}
function Ha(e){let t=N("verdict-body");ge(I(t,"line"),[e.verdict,e.summary],()=>[v("div",{class:"verdict-line"},Us(e.verdict,e.verdict_word),v("p",{},e.summary))]),
ge(I(t,"reasons"),e.reasons,()=>[Mt(e.reasons)]),ge(I(t,"limited"),e.limited,()=>wd(e));let n=I(t,"figures","dl",{class:"figures"});n.hidden=!e.figures.length,$s(
n,e.figures),Y(I(t,"percentiles","p",{class:"text"}),e.percentiles_of??""),Y(I(t,"balance","p",{class:"text balance-line"}),e.balance_words.line),bd(I(t,"thresh\
olds"),e.thresholds,Zs(e)?"Thresholds so far":"Thresholds"),ge(I(t,"notes"),e.notes,()=>e.notes.length?[v("h3",{},"Notes"),Mt(e.notes)]:[])}function wd({limited:e}){
if(!e)return[];let t=v("p",{},v("strong",{},e.title)," "+e.text);return[v("div",{class:"alert"},t,Mt(e.signs))]}function $s(e,t){for(;e.children.length>t.length;)
e.lastChild?.remove();t.forEach((n,l)=>{let o=e.children[l]??e.appendChild(v("div",{},v("dt"),v("dd",{class:"value"}),v("dd",{class:"more"})));o.className!==n.tone&&
(o.className=n.tone),Y(o.children[0],n.label),Y(o.children[1],n.value),Y(o.children[2],n.more)})}function bd(e,t,n){if(!t.length)return ge(e,"none",()=>[v("p",{
class:"muted"},"The scenario has no thresholds.")]);let l=t.map(o=>[o.threshold,yd(o.word),o.word==="not met"?v("span",{class:"bad"},o.measured):o.measured,o.limit]);
return ge(e,[n,t],()=>[v("h3",{},n),Xt("Thresholds",_n("Thresholds",["threshold","result","measured","limit"],l,2),"fit")])}function yd(e){let n={met:"passed","\
not met":"crossed"}[e],l=v("span",{"aria-hidden":"true"},n?js[n]:"…");return v("span",{class:"badge small "+(n??"unjudged")},l,e)}var Oa=new WeakMap;function Na(e){let[t,n,l,o]=[0,1/0,0,0];for(let{series:u}of e)if(u){t=Math.max(t,Xe(u.rate)??0),o=Math.max(o,u.from_s+u.rate.length*u.step_s);
for(let r of u.p99)ce(r)&&r>0&&(n=Math.min(n,r),l=Math.max(l,r))}let i=l/n>20;return{rate:t||1,low:i?n:0,high:l,logarithmic:i,end:o||1}}function Wa(e,t,n){Oa.set(
e,{series:t,scale:n})}function wl(e){let t=Oa.get(e),n=window.devicePixelRatio||1,[l,o]=[e.clientWidth,e.clientHeight];if(!l||!t)return;let{series:i,scale:u}=t;
e.width=Math.round(l*n),e.height=Math.round(o*n);let r=Il(e);r.scale(n,n);let f=Math.round(o/2),p=k=>(i.from_s+(k+.5)*i.step_s)/u.end*l,w=k=>f-3-k/u.rate*(f-6),
h=k=>u.logarithmic?Math.log(k/u.low)/Math.log(u.high/u.low):k/u.high,b=k=>o-5-h(k)*(o-f-8);r.strokeStyle=Oe("grid"),r.strokeRect(.5,f-2.5,l,0),r.strokeRect(.5,o-
4.5,l,0),Fa(r,i.rate,p,w,Oe("completed"));let C=i.p99.map(k=>ce(k)&&k>0?k:null);Fa(r,C,p,b,Oe("p99")),r.fillStyle=Oe("light-bad"),i.failed.forEach((k,D)=>{k>0&&
r.fillRect(p(D)-1,o-3,2,3)})}function Fa(e,t,n,l,o){e.strokeStyle=e.fillStyle=o,e.lineWidth=1.4,e.beginPath();let i=!1;t.forEach((u,r)=>{if(!ce(u)){i=!1;return}
let[f,p]=[n(r),l(u)];i?e.lineTo(f,p):e.moveTo(f,p),!i&&!ce(t[r+1])&&e.rect(f-.5,p-.5,1,1),i=!0}),e.stroke()}var Ia=new WeakMap,Zt=class{node;body=v("tbody");head=v("thead");foot=v("tfoot");order={key:"",direction:1};columns=[];rows=[];extra={};signature="";constructor(t,n,l=""){
let o=v("table",{},v("caption",{},n),this.head,this.body,this.foot);this.node=Xt(n,o,l),t.append(this.node)}update(t,n,l={}){let o=t.map(r=>r.key).join(`
`);[this.columns,this.rows,this.extra]=[t,n,l],o!==this.signature&&this.drawHead(o);let i=this.sorted().slice(0,l.limit??n.length),u=Math.max(...i.map(r=>t[0].text(
r).length),4);for(this.node.style.setProperty("--name",Math.min(40,u)+2+"ch");this.body.rows.length>i.length;)this.body.deleteRow(-1);i.forEach((r,f)=>za(this.body.
rows[f]??this.body.appendChild(v("tr")),t,r,l.mark?.(r)??!1)),l.total?za(this.foot.rows[0]??this.foot.appendChild(v("tr")),t,l.total,!1):this.foot.replaceChildren()}drawHead(t){
let n=document.activeElement,l=n instanceof HTMLElement&&this.head.contains(n)?n.dataset.key:null;this.signature=t,this.body.replaceChildren(),this.foot.replaceChildren();
let o=i=>v("th",{scope:"col",class:"sortable"+(i.number?" number":"")+(i.minor?" minor":""),title:i.title,"data-label":i.label},fn(i.label,()=>this.sortBy(i),{"\
data-key":i.key}));this.head.replaceChildren(v("tr",{},...this.columns.map(o))),this.showOrder();for(let i of this.head.querySelectorAll("button"))l&&i.dataset.
key===l&&i.focus({preventScroll:!0})}sortBy(t){let n=this.order.key===t.key?-this.order.direction:t.number?-1:1;this.order={key:t.key,direction:n},this.showOrder(),
this.update(this.columns,this.rows,this.extra),Kt("Sorted by "+t.label+", "+(n>0?"ascending":"descending")+".")}showOrder(){for(let[t,n]of[...this.head.rows[0].
cells].entries())this.columns[t].key===this.order.key?n.setAttribute("aria-sort",this.order.direction>0?"ascending":"descending"):n.removeAttribute("aria-sort")}sorted(){
let t=this.columns.find(o=>o.key===this.order.key);if(!t)return this.rows;let n=t.value??t.text,{direction:l}=this.order;return[...this.rows].sort((o,i)=>{let[u,
r]=[n(o),n(i)],[f,p]=[u==null,r==null];return f||p?Number(f)-Number(p):typeof u=="number"&&typeof r=="number"?l*(u-r):l*String(u).localeCompare(String(r),"en",{
numeric:!0})})}};function za(e,t,n,l){e.className=l?"odd":"",t.forEach((o,i)=>{let u=e.cells[i]??e.appendChild(v(i?"td":"th",i?{}:{scope:"row"})),f=[o.number&&"\
number",o.wide&&"wide",o.minor&&"minor",o.tone?.(n)].filter(Boolean).join(" ");u.className!==f&&(u.className=f);let p=o.text(n);if(!o.node)return Y(u,p);Ia.get(
u)!==p&&(Ia.set(u,p),u.replaceChildren(o.node(n)))})}function Ze(e,t,n,l={}){return{key:e,label:t,number:!0,value:n,text:o=>ve(n(o)),...l}}function Ne(e,t,n,l={}){
return{key:e,label:t,number:!0,value:n,text:o=>se(n(o)),...l}}var Qs=200,Do=60,Po={green:"good",yellow:"watch",red:"bad",none:"waiting"},Ba=e=>[...e].sort((t,n)=>+!t.odd-+!n.odd);function Ga(e){let t=N("workers"),n=N("work\
ers-body");t.hidden=!e.workers.length,!t.hidden&&(Y(I(n,"summary","p",{class:"text"}),e.workers_in_words),Ya(I(n,"grid"),e),Ka(I(n,"table"),e))}function ti(e){return v(
"span",{class:"light "+e,"aria-hidden":"true"})}var On={all:!1,model:null};function Ya(e,t){let n=t.workers.filter(p=>p.series);if(e.hidden=!n.length,e.hidden)return;
I(e,"title","h3").textContent="Each worker";let l=Na(n);On.model=t;let o=l.high?jt(l.low)+" to "+se(l.high)+(l.logarithmic?", logarithmic":""):"not known";Y(I(e,
"scale","p",{class:"muted text"}),"Above: rate sent, 0 to "+Qe(l.rate)+". Below: p99, "+o+". All charts have the same scale; a mark at the bottom is an interval\
 with failures.");let i=I(e,"list","ul",{class:"worker-grid"}),u=n.length>Do?Ba(n):n;vd(i,On.all?u:u.slice(0,Do),l);let r=I(e,"more"),f=()=>{On.all=!0,On.model&&
Ya(e,On.model),i.querySelectorAll("li")[Do]?.scrollIntoView({block:"nearest"}),Kt("All workers are shown.")};ge(r,[On.all,n.length],()=>n.length>Do&&!On.all?[fn(
"Draw all "+ve(n.length),f)]:[])}var ei=new WeakSet,qa=new IntersectionObserver(e=>{for(let{target:t,isIntersecting:n}of e)n?(ei.add(t),wl(t)):ei.delete(t)},{rootMargin:"\
200px"});function vd(e,t,n){for(;e.lastElementChild&&e.children.length>t.length;){let l=e.lastElementChild.querySelector("canvas");l&&qa.unobserve(l),e.lastElementChild.
remove()}t.forEach((l,o)=>{let i=o>=e.children.length,u=i?xd():e.children[o],[r,f,p,w]=u.children;u.className!==(l.odd?"odd":"")&&(u.className=l.odd?"odd":""),Y(
r.children[0],l.name),Y(r.children[1],l.odd?"▲ outlier":""),Y(p,l.facts),Y(w,l.odd),l.series&&Wa(f,l.series,n),ei.has(f)&&wl(f),i&&(e.append(u),qa.observe(f))})}
function xd(){return v("li",{},v("div",{class:"name"},v("span"),v("span",{class:"odd-word"})),v("canvas",{"aria-hidden":"true"}),v("p",{class:"facts"}),v("p",{class:"\
facts odd-why"}))}var Xs=e=>[e.why,e.odd!==e.why?e.odd:null].filter(Boolean).join("; ");function Td(e){let{workers:t}=e,n=Zs(e),l=(r,f,p)=>f&&t.some(w=>w[r]!==null)?
[p]:[],o={red:0,yellow:1,green:2,none:3},i=r=>r?"bad":null,u=r=>({key:r,label:"rate",number:!0,value:f=>f[r],text:f=>Qe(f[r])});return[{key:"shard",label:"worke\
r",value:r=>r.shard+r.slice/1e3,text:r=>r.name.replace("worker ","")},{key:"light",label:"light",value:r=>o[r.light],text:r=>Po[r.light],node:r=>v("span",{class:"\
light-word"},ti(r.light),v("span",{},Po[r.light]))},{key:"state",label:"state",text:r=>r.state},{key:"remark",label:"remark",value:r=>Xs(r)||null,text:Xs,wide:t.
some(Xs)},...l("region",!0,{key:"region",label:"region",text:r=>r.region??"–"}),{key:"worker",label:"claimed by",text:r=>r.worker??"–"},...l("last_seen_s",n,
{key:"last_seen_s",label:"last snapshot",number:!0,value:r=>r.last_seen_s,text:r=>ce(r.last_seen_s)?ht(r.last_seen_s)+" ago":"–"}),...l("rate_sent",n,u("rate_\
sent")),...l("owed",!0,Ze("owed","planned",r=>r.owed)),...l("rate_per_s",!n,u("rate_per_s")),Ze("sent","sent",r=>r.sent),Ze("completed","completed",r=>r.completed),
Ze("failed","failed",r=>r.failed,{tone:r=>i(r.failed)}),Ze("dropped","dropped",r=>r.dropped,{tone:r=>i(r.dropped)}),Ze("missing","missing",r=>r.missing,{tone:r=>i(
r.missing)}),Ne("p50","p50",r=>r.p50),Ne("p99","p99",r=>r.p99),Ne("max","max",r=>r.max),Ne("lag_p99","lag p99",r=>r.lag_p99),...l("start_skew",!0,Ne("start_skew",
"started late by",r=>r.start_skew)),...l("clock_offset",!0,Ne("clock_offset","clock off by",r=>r.clock_offset)),...l("busy_percent",!0,{key:"busy",label:"busy",
number:!0,value:r=>r.busy_percent,text:r=>r.busy_percent===null?"–":r.busy_percent+"%"})]}var bl={all:!1,model:null,table:null};function Ka(e,t){bl.model=t;let{
workers:n}=t,l=n.length>Qs,o=l&&!bl.all,i=bl.table??=new Zt(e,"Table of workers","tall");i.update(Td(t),l?Ba(n):n,{limit:o?Qs:void 0,mark:r=>!!r.odd});let u=()=>{
bl.all=!0,bl.model&&Ka(e,bl.model),i.node.focus({preventScroll:!0})};ge(I(e,"more","div",{class:"after-table"}),[o,n.length],()=>o?[v("span",{class:"muted"},Qs+
" of "+ve(n.length)+" are shown, outliers first. "),fn("Show all "+ve(n.length),u)]:[])}var ni=100,$l=()=>document.querySelector('meta[name="vajra-token"]')?.content??"";function ja(e){let{live:t}=e;if(N("live").hidden=!t,!t)return;let n=N("live-bo\
dy");kd(I(n,"state"),t,e.verdict);let l=t.state==="ended",o=N("stop-button");o.hidden=l||!$l(),o.disabled=t.state==="stopping",Y(o,t.state==="stopping"?"Stoppin\
g…":"Stop the run");let[i,u,r]=[I(n,"figures","dl",{class:"figures wide"}),I(n,"errors","p",{class:"text"}),I(n,"lights")];if(i.hidden=u.hidden=r.hidden=l,l)return Sd(
I(n,"farewell","p",{class:"text farewell"}),t);$s(i,t.figures),Y(u,t.errors),Md(r,t,e.workers)}function kd(e,t,n){let l=I(e,"line","div",{class:"live-state"});ge(
I(l,"word"),t.words,()=>[v("span",{class:"badge small "+(t.state==="ended"?n:"running")},t.words)]),Y(I(l,"time","span"),t.clock),I(e,"bar","progress",{max:"1",
"aria-label":"Time of the run"}).value=t.progress}function Sd(e,t){ge(e,[t.stays,t.again],()=>[t.stays?"This page is served until its command is interrupted (Ct\
rl-C).":"This page is no longer served: it remains in this window, but cannot be reloaded, and cannot open past runs.",t.again?" This command writes the page to\
 a file: ":null,t.again?v("code",{},t.again):null])}function Md(e,t,n){I(e,"title","h3").textContent="Workers now",ge(I(e,"counts","p",{class:"light-counts"}),t.
lights,()=>t.lights.map(([u,r])=>v("span",{class:"light-word"},v("span",{class:"light "+u,"aria-hidden":"true"}),r)));let l={red:0,yellow:1,none:2,green:3},o=n.
length>ni,i=o?[...n].sort((u,r)=>l[u.light]-l[r.light]).slice(0,ni):n;ge(I(e,"list","ul",{class:"lights","aria-label":"Lights of the workers"}),i.map(u=>[u.name,
u.light]),()=>i.map(_d)),Y(I(e,"rest","p",{class:"muted"}),o?ni+" of "+ve(n.length)+" are shown, those with problems first.":""),ge(I(e,"why"),t.troubled,()=>[Mt(
t.troubled)])}function _d(e){let t=v("span",{class:e.light==="green"?"unseen":null}," "+Po[e.light]);return v("li",{},ti(e.light),e.name,t)}function Ua(e){let t=N("generator-body");N("generator").hidden=!1;let{generator:n}=e;ge(I(t,"health"),[n,Js(e)],()=>Js(e)?[v("p",{class:"text"},n.sentence),Mt(n.
why),n.waits.length?v("p",{class:"text"},"Waits of arrivals:"):null,Mt(n.waits),El(n.facts)]:[]),ge(I(t,"balance"),e.balance_words,()=>Cd(e.balance_words))}function Cd(e){
let t=e.sums.map(n=>[...n.cells,n.off?v("span",{class:"bad"},n.judged):n.judged]);return[v("h3",{},"Balance of arrivals"),Xt("Balance of arrivals",_n("Balance o\
f arrivals",null,t,0),"fit stack"),...e.besides.map(n=>v("p",{class:"muted after-table"},n))]}function Za(e){let{plan:t,phases:n,source:l}=e;N("plan").hidden=!t.
length&&!l;let o=u=>[u.when,u.text+(u.measured?"":" (not measured)")],i={class:"source",tabindex:"0",role:"region","aria-label":"Scenario, as written"};ge(I(N("\
plan-body"),"plan"),[t,n,l],()=>[El(t),v("h3",{},"Load"),El(n.map(o)),...l?[v("h3",{},"Scenario, as written"),v("pre",i,l)]:[]])}function Ja({cost:e}){N("cost").
hidden=!e,e&&ge(I(N("cost-body"),"cost"),e,()=>Ld(e))}function Ld({actual:e,expected:t,prices_of:n,lines:l,basis:o}){return[El([["this run",e??"–"],["expected\
 before",t],["prices of",n]]),l.length?v("h3",{},"Parts"):null,l.length?Xt("Cost by part",_n("Cost by part",null,l),"fit"):null,Mt(o)]}function Ql(){let e=[...document.
querySelectorAll("main > section")].filter(t=>!t.hidden);ge(N("contents"),e.map(t=>t.id),()=>e.map(t=>v("a",{href:"#"+t.id},t.querySelector("h2")?.textContent)))}var Ed=["not started","no report yet","running"],Xl={table:null,opens:!1};async function $a(e){try{let t=await fetch("past",{headers:{"X-Vajra-Token":$l()}});if(!t.
ok)return;_e.past=await t.json()}catch{return}Ao(e())}function Ao(e){if(N("past").hidden=!_e.past.length,!_e.past.length)return;Xl.table??=new Zt(N("past-body"),
"Table of past runs","tall fit"),Xl.opens!==e&&Xl.table.body.replaceChildren(),Xl.opens=e;let n=[{key:"run",label:"run",text:l=>l.run,node:l=>e&&!Ed.includes(l.
verdict)?v("a",{href:"past/"+encodeURIComponent(l.run)},l.run):document.createTextNode(l.run)},{key:"verdict",label:"verdict",text:l=>l.verdict,node:l=>Us(l.verdict,
l.verdict,!0)},{key:"scenario",label:"scenario",text:l=>l.scenario},{key:"created",label:"created",value:l=>l.created,text:l=>l.created?Bi(l.created):"–"},Ze(
"workers","workers",l=>l.workers),{key:"length",label:"length",number:!0,text:l=>l.length||"–"}];Xl.table.update(n,_e.past),Ql()}var Rd=4e3,xe={source:null,received:null,lost:null,gone:!1,ended:!1,state:null,undrawn:!1},Fo=()=>{};function Xa(){xe.source?.close();let e=new EventSource("eve\
nts");xe.source=e,e.addEventListener("model",t=>{let n;try{n=JSON.parse(t.data)}catch{return}xe.received=Date.now(),xe.gone=!1,Vd(n),Ho()}),e.addEventListener("\
gone",()=>{xe.gone=!0,e.close(),Qa(),Ho()}),e.addEventListener("error",()=>{xe.lost||=Date.now(),Qa(),Ho(),e.readyState===EventSource.CLOSED&&!xe.ended&&!xe.gone&&
setTimeout(Xa,2e3)}),e.addEventListener("open",()=>{xe.lost=null})}var li=()=>!xe.ended||!!_e.model?.live?.stays;function Qa(){xe.ended&&(xe.source?.close(),_e.
model?.live?.stays&&(_e.model.live.stays=!1,document.hidden?xe.undrawn=!0:Fo(_e.model),Ao(li())))}function Vd(e){let t=e.live?.state??"ended";if(xe.ended=t==="e\
nded",xe.lost=null,_e.model=e,xe.state||$a(li),xe.state!==t&&(xe.state=t,Kt(xe.ended?"The run has ended: "+Vo(e.verdict_word)+".":"The run is "+t+"."),xe.ended&&
Ao(li())),xe.ended){e.live?.stays||xe.source?.close();let n=N("stop-dialog");n.open&&n.close()}document.hidden?xe.undrawn=!0:Fo(e)}function Ho(){let e=N("connec\
tion"),[t,n]=e.children,{gone:l,lost:o,received:i,ended:u}=xe,r=!u&&(l||o!==null||i!==null&&Date.now()-i>Rd);if(e.hidden=!r,document.body.classList.toggle("old",
r),!r)return Y(t,"");let f=l?"The server has ended. The numbers are old and will not change.":o?"Connection lost. The numbers are old. Reconnecting.":"No new da\
ta. The numbers are old.";t.textContent!==f&&Kt(f),Y(t,f);let p=i===null?null:Math.round((Date.now()-i)/1e3);return Y(n,p===null?" No data has arrived.":" Last \
data "+ht(p)+" ago.")}function Dd(){Y(N("stop-title"),"Stop run "+(_e.model?.run??"")+"?"),Y(N("stop-text"),"Workers stop sending within 2 s; the measurements u\
ntil then are reported."),N("stop-problem").hidden=!0,N("stop-yes").disabled=!1,N("stop-dialog").showModal(),N("stop-no").focus()}async function Pd(){let e=N("s\
top-problem"),t=N("stop-yes");t.disabled=!0;try{let n=await fetch("stop",{method:"POST",headers:{"X-Vajra-Token":$l()}});if(n.status===204){N("stop-dialog").close(),
Kt("The stop is requested.");return}Y(e,"The run was not stopped: "+(await n.text()||"answer "+n.status))}catch{Y(e,"The run was not stopped: the server does no\
t answer.")}e.hidden=!1,t.disabled=!1}function eu(e){Fo=e,Y(N("scenario"),"Load test"),Y(N("run-line"),"Waiting for the first data of the run."),N("verdict").hidden=
!0,N("stop-button").addEventListener("click",Dd),N("stop-no").addEventListener("click",()=>N("stop-dialog").close()),N("stop-yes").addEventListener("click",()=>{
Pd()}),document.addEventListener("visibilitychange",()=>{document.hidden||!xe.undrawn||!_e.model||(xe.undrawn=!1,Fo(_e.model))}),Xa(),setInterval(Ho,1e3)}function tu(e){return e.at.length?[...(e.planned&&[{key:"planned",label:"planned",colour:"planned",dash:[6,4],width:1.6,values:e.planned}])??[],{key:"sent",label:"\
sent",colour:"sent",width:3,values:e.sent},{key:"completed",label:"completed",colour:"completed",width:1.5,values:e.completed}]:[]}var su={...Fn,key:"rate",heading:"\
Rate",hint:"requests per second: planned, sent, completed",labelY:"requests per second",strip:!0,tick:e=>ve(e)==="0"&&e>0?String(e):ve(e),format:Qe,draw:e=>e.at.
length&&!e.failuresOnly?tu(e):null,describe:(e,t)=>"Chart of the rate over "+ht(e.end)+": "+Ul(tu(e),Qe)+Ad(t),rows:(e,t,n)=>jl(e,n,"rate",Qe),below:e=>ge(e.below,
e.model.bands,()=>e.model.bands.map(t=>v("p",{class:"band-list text"},t)))};function Ad(e){let t=e.missing.length;return t?" In "+Ln(t,"interval")+" a worker’s \
part is missing.":""}var Hd=[{key:"p50",label:"p50",colour:"p50"},{key:"p90",label:"p90",colour:"p90"},{key:"p99",label:"p99",colour:"p99",width:2.2},{key:"p99_\
9",label:"p99.9",colour:"p99-9",dash:[6,3]},{key:"max",label:"max",colour:"max",dash:[2,3],width:1.4}],nu=e=>Hd.map(t=>({...t,values:e[t.key].map(ll)})),iu={...Fn,
key:"latency",heading:"Latency",hint:"percentiles of the requests answered in each interval",labelY:"latency",tick:jt,format:se,log:e=>{let[t,n]=[dn(e.p50),Xe(e.
max)];return t!==null&&n!==null&&t>0&&n/t>20},draw:e=>Xe(e.max)===null&&Xe(e.p50)===null?null:nu(e),describe:e=>{let t=Xe(e.max),n=Pt(e.at[e.max.indexOf(t)]??0,
e.end),l=" The slowest request took "+se(t)+" at "+n+".";return"Chart of latency over time: "+Ul(nu(e),se)+l},rows:(e,t,n)=>jl(e,n,"highest",se)};function lu(e){
return[...(e.users&&[{key:"users",label:"users",colour:"planned",dash:[6,4],values:e.users}])??[],{key:"in flight",label:"in flight",colour:"completed",width:2,
values:e.inFlight}]}var ru={...Fn,key:"open",heading:"In flight",hint:"requests without an answer at the end of each interval (with HTTP/1.1, the connections in\
 use), and users if the load has them",labelY:"requests, users",height:190,tick:Cn,format:ve,draw:e=>e.users||Xe(e.inFlight)!==null?lu(e):null,describe:e=>"Char\
t of requests in flight over time: "+Ul(lu(e),ve),rows:(e,t,n)=>jl(e,n,"highest",ve)};function ou(e){let t=e.kinds.map((n,l)=>({key:n,label:At(n),colour:"kind-"+
(l%8+1),values:e.failures[n]}));return e.failuresOnly||pn(e.dropped)>0&&t.push({key:" dropped",label:"dropped",colour:"dropped",values:e.dropped}),t}var au={...Fn,
key:"errors",heading:"Failed and dropped",hint:"per second, by kind, stacked",labelY:"per second",stacked:!0,height:190,tick:Cn,format:Qe,draw:e=>{let t=ou(e);return t.
length?t:null},describe:(e,t)=>"Chart of failed and dropped requests over time. In all: "+t.errors+". Per second: "+Ul(ou(e),Qe),rows:(e,t,n)=>jl(e,n,"rate",Qe)};var yl=e=>e.distribution.filter(t=>t.points.length>1),Fd={latency:{colour:"latency"},service:{colour:"service",dash:[6,3]},"first byte":{colour:"p50",dash:[2,3]},
"latency of completed":{colour:"sent"},"latency of failed":{colour:"light-bad"},"latency of all failed":{colour:"light-bad"},resolve:{colour:"kind-7",dash:[6,3]},
connect:{colour:"kind-4",dash:[6,3]},TLS:{colour:"kind-3",dash:[6,3]}},uu={key:"distribution",heading:"Times by percentile",hint:"from 90% on, each mark is ten \
times as rare; click a name to show or hide its line",labelX:"percentile",labelY:"time",height:290,tick:jt,format:se,log:(e,t)=>{let n=yl(t).filter(l=>l.shown).
flatMap(l=>l.points.map(o=>o[1])).filter(l=>l>0);return n.length>0&&(Xe(n)??0)/(dn(n)??1)>30},draw:(e,t)=>{let n=yl(t),l=oi(n);return n.length?n.map(o=>({key:o.
name,label:o.name,width:2,optional:!o.shown,...Fd[o.name]??{colour:"muted"},values:l.map(i=>ll(si(o.points,i)))})):null},x:(e,t)=>{let n=oi(yl(t)),l=Math.log10(
1/(1-(Xe(n.filter(i=>i<1))??0))),o=Math.max(l+.05,Math.log10(Math.max(10,t.total.completed+t.total.failed)));return n.map(i=>i>=1?o:Math.log10(1/(1-i)))},rangeX:(e,t,n)=>e.
zoomed??[0,Math.max(1,n||1)],axisX:e=>({splits:(t,n,l,o)=>Nd(l,o),filter:(t,n)=>n,values:(t,n)=>{let{min:l=0,max:o=1}=t.scales.x;return Od(n,l,o,e.plot.clientWidth-
100)}}),place:(e,t)=>{let n=e.uplot?.data[0]??[];return t===n.length-1?"the maximum":Rl(1-10**-n[t])},describe:(e,t)=>"Chart of "+yl(t).map(n=>n.name+" by perce\
ntile: "+[.5,.9,.99,.999,1].map(l=>Rl(l)+" "+se(si(n.points,l))).join(", ")).join("; ")+".",rows:(e,t,n)=>{let l=[0,.25,.5,.75,.9,.95,.99,.995,.999,.9999,.99999,
1],o=Xe(oi(yl(t)).filter(r=>r<1))??0,i=new Map(yl(t).map(r=>[r.name,r.points])),u=l.filter(r=>r<=o||r===1).map(r=>[Rl(r),...n.map(({key:f})=>se(si(i.get(f)??[],
r)))]);return{columns:["percentile",...n.map(({label:r})=>r)],rows:u,note:null}}};function oi(e){return[...new Set(e.flatMap(t=>t.points.map(n=>n[0])))].sort((t,n)=>t-
n)}function si(e,t){let n=e.find(l=>l[0]>=t-1e-12);return n?n[1]:null}function Od(e,t,n,l){let o=-1/0;return e.map(i=>{let u=Rl(i===0?0:1-10**-i),[r,f]=[(i-t)/(n-
t)*l,u.length*3.6+3];return r-f<o?null:(o=r+f,u)})}function Nd(e,t){let n=t-e<=4?[0,Math.log10(2)]:[0];for(let l=1;l<=Math.floor(t+1e-9);l+=1)n.push(l);return n.
filter(l=>l>=e-1e-9&&l<=t+1e-9)}var ii=new WeakMap,cu=new WeakMap,fu={...Fn,key:"heat",heading:"Requests by time and latency",hint:"the stronger the colour, the more requests",labelY:"latency",
height:270,cursorY:!0,tick:jt,format:ve,alwaysLogarithmic:!0,draw:e=>Wd(e)?[{key:"heat",label:"requests",colour:"muted",invisible:!0,values:e.at.map(()=>null)}]:
null,rangeY:e=>{let t=eo(e.facts);return[e.facts.edges[t.lowest],e.facts.edges[t.highest+1]]},paint:zd,legend:Bd,readCursor:Gd,recolour:e=>{let t=ii.get(e);t&&ri(
e,t)},speak:du,describe:e=>{let t=eo(e),n=se(e.edges[t.lowest])+" to "+se(e.edges[t.highest+1]),l=Ln(t.most,"request");return"Heat map of latency over "+ht(e.end)+
", from "+n+"; at most "+l+" in one cell."},rows:Yd};function eo(e){let t=cu.get(e);if(t)return t;let n={lowest:1/0,highest:-1,most:0};for(let l of e.heat)for(let[
o,i]of l)i<=0||(n.lowest=Math.min(n.lowest,o),n.highest=Math.max(n.highest,o),n.most=Math.max(n.most,i));return cu.set(e,n),n}var Wd=e=>eo(e).most>0;function Id(e,t){
return t<=1?Hn-1:Math.round(Math.log(e)/Math.log(t)*(Hn-1))}function zd(e,t){let{facts:n}=t,{ctx:l,bbox:o}=e,i=eo(n),{min:u=0,max:r=n.end}=e.scales.x,f=Math.max(
0,Math.floor((u-n.at[0])/n.step)),p=Math.min(n.at.length-1,Math.ceil((r-n.at[0])/n.step)),w=Math.max(1,Math.ceil((p-f+1)/o.width)),h=n.edges.map(C=>Math.round(e.
valToPos(Math.max(C,1e-6),"y",!0))),b=Array.from({length:Hn},()=>[]);for(let C=f;C<=p;C+=w){let k=Math.round(e.valToPos(n.at[C],"x",!0)),D=Math.round(e.valToPos(
n.at[C]+n.step*w,"x",!0)),q=Math.max(1,D-k);for(let[B,S]of qd(n.heat,C,Math.min(C+w,p+1)))b[Id(S,i.most)].push(k,h[B+1],q,Math.max(1,h[B]-h[B+1]))}l.save(),l.beginPath(),
l.rect(o.left,o.top,o.width,o.height),l.clip();for(let[C,k]of b.entries()){l.fillStyle=qs()[C];for(let D=0;D<k.length;D+=4)l.fillRect(k[D],k[D+1],k[D+2],k[D+3])}
l.restore()}function qd(e,t,n){if(n-t<=1)return e[t].filter(([,o])=>o>0);let l=new Map;for(let o=t;o<n;o+=1)for(let[i,u]of e[o])l.set(i,Math.max(l.get(i)??0,u));
return l}function Bd(e){let t={bar:v("canvas",{class:"bar",width:Hn,height:1,"aria-hidden":"true"}),most:v("span"),read:v("output")};ii.set(e,t),e.legend.replaceChildren(
v("div",{class:"heat-legend"},v("span",{},"1"),t.bar,t.most,v("span",{class:"muted"},"in one cell, logarithmic"),e.when,t.read)),ri(e,t)}function ri(e,t){let n=Il(
t.bar);qs().forEach((l,o)=>{n.fillStyle=l,n.fillRect(o,0,1,1)}),Y(t.most,Ln(eo(e.facts).most,"request"))}function Gd(e,t){let n=ii.get(e);if(!n||!e.uplot)return;
if(ri(e,n),t===null)return Y(n.read,"");let{facts:l,uplot:o}=e,{top:i,event:u}=o.cursor,r=e.byKey||!ce(i)?null:o.posToVal(i,"y"),f=r===null?-1:l.edges.findIndex(
(h,b)=>h<=r&&r<l.edges[b+1]);if(f<0||!u)return Y(n.read,du(e,t));let p=l.heat[t].find(([h])=>h===f),w=se(l.edges[f])+" to "+se(l.edges[f+1]);return Y(n.read,w+"\
: "+Ln(p?p[1]:0,"request"))}function du(e,t){let{edges:n,heat:l}=e.facts,o=l[t];if(!o.length)return"no requests measured";let[i]=o.reduce((r,f)=>f[1]>r[1]?f:r);
return Ln(pn(o.map(r=>r[1])),"request")+", most of them "+se(n[i])+" to "+se(n[i+1])}function Yd(e){let t=Math.max(1,Math.ceil(e.at.length/Bs)),n=[];for(let l=0;l<
e.at.length;l+=t){let o=new Map;for(let r=l;r<Math.min(l+t,e.at.length);r+=1)for(let[f,p]of e.heat[r])o.set(f,(o.get(f)??0)+p);let i=[...o.keys()];if(!i.length){
n.push([Pt(e.at[l],e.end),"0","–","–","–"]);continue}let u=i.reduce((r,f)=>(o.get(f)??0)>(o.get(r)??0)?f:r);n.push([Pt(e.at[l],e.end),ve(pn([...o.values()])),
se(e.edges[Math.min(...i)]),se(e.edges[u])+" to "+se(e.edges[u+1]),se(e.edges[Math.max(...i)+1])])}return{columns:["from","requests","fastest above","most of th\
em","slowest below"],rows:n,note:t*e.step>1?"Each row is "+ht(t*e.step)+".":null}}var mu=e=>({key:"name",label:e,value:t=>t.name,text:t=>t.name||"(no name)"}),Kd=e=>e.failed_percent===null?"–":e.failed_percent+"%";function jd(e){let t={minor:!0};
return[mu(e),Ze("sent","sent",n=>n.sent),Ze("completed","completed",n=>n.completed),Ze("failed","failed",n=>n.failed,{tone:n=>n.failed?"bad":null}),{key:"failed\
 share",label:"failed %",number:!0,value:n=>n.failed_percent,text:Kd},Ze("dropped","dropped",n=>n.dropped,{tone:n=>n.dropped?"bad":null}),Ze("retries","retries",
n=>n.retries,t),{key:"rate",label:"rate",number:!0,value:n=>n.rate_per_s,text:n=>Qe(n.rate_per_s)},Ne("p50","p50",n=>n.p50),Ne("p90","p90",n=>n.p90),Ne("p95","p\
95",n=>n.p95),Ne("p99","p99",n=>n.p99),Ne("p99_9","p99.9",n=>n.p99_9),Ne("max","max",n=>n.max),Ne("mean","mean",n=>n.mean,t),Ne("service_p50","service p50",n=>n.
service_p50),Ne("service_p99","service p99",n=>n.service_p99),Ne("first_byte_p50","first byte p50",n=>n.first_byte_p50,t),Ne("first_byte_p99","first byte p99",n=>n.
first_byte_p99,t),Ne("lag_p99","lag p99",n=>n.lag_p99),{key:"body_bytes",label:"received",number:!0,minor:!0,value:n=>n.body_bytes,text:n=>qi(n.body_bytes)}]}function Ud(e,t){
let n=[...new Set(e.flatMap(o=>Object.keys(o.failures)))].sort(),l=[...new Set(e.flatMap(o=>Object.keys(o.statuses)))].sort();return[mu(t),...n.map(o=>Ze("faile\
d "+o,At(o),i=>i.failures[o]??0,{title:"failed: "+At(o),tone:i=>i.failures[o]?"bad":null})),...l.map(o=>Ze("status "+o,"status "+o,i=>i.statuses[o]??0))]}var vl={};
function pu(e,t,n,l,o){let i=n==="request"?"Failures and statuses":"Failures and statuses by region",u=t??{rows:new Zt(e,n==="request"?"Requests by name":"Reque\
sts by region"),failures:new Zt(I(e,"failures"),"Failures and statuses by "+n,"fit")},r=I(e,"failures");t||r.prepend(I(r,"title","h3")),I(r,"title","h3").textContent=
i;let f=l.length>1&&o?{...o,name:"all"}:null;u.rows.update(jd(n),l,{total:f});let p=Ud([...l,...o?[o]:[]],n);return r.hidden=p.length===1,u.failures.update(p,l,
{total:f}),u}function hu(e){let t=N("requests"),n=N("requests-body");if(t.hidden=!e.requests.length,t.hidden)return;vl.requests=pu(n,vl.requests,"request",e.requests,
e.total),Zd(n,e.failures);let l=I(n,"regions");l.hidden=!e.regions.length,!l.hidden&&(I(l,"title","h3").textContent="Regions",vl.regions=pu(l,vl.regions,"region",
e.regions,null))}function Zd(e,t){let n=I(e,"reasons");if(n.hidden=!t.length,n.hidden)return;I(n,"title","h3").textContent="Reasons of failures",vl.reasons??=new Zt(
n,"Reasons of failures","fit");let l=[{key:"reason",label:"reason",text:o=>o.reason},{key:"kind",label:"failed by",text:o=>At(o.kind)},Ze("count","count",o=>o.count),
{key:"request",label:"request",text:o=>o.request},{key:"origin",label:"origin",text:o=>o.origin??"–"},{key:"first",label:"first arrivals",value:o=>o.first[0],
text:o=>o.first.join(", ")},{key:"advice",label:"what to do",text:o=>o.advice??""}];vl.reasons.update(l,t,{limit:50})}/*! The charts are drawn by uPlot (MIT), copyright (c) 2022 Leon Sorokin. */var Jd=690;function $d(e){N("verdict").hidden=!1,Aa(e),ja(e),Ha(e)}function ui(e){Pa(
e,()=>{_e.model&&ui(_e.model)});let{facts:t,model:n}=Da(e);Qd(t,n),ai("spread",uu,t,n),ai("against",Yi,t,n),ai("heat",fu,t,n),Ql()}function ai(e,t,n,l){N(e).hidden=
!1,N(e).hidden=!hl(N(e+"-body"),t,n,l)}function Qd(e,t){let n=N("over-time-body");if(N("over-time").hidden=!e.at.length,!e.at.length)return;hl(n,su,e,t),hl(n,iu,
e,t),hl(n,ru,e,t);let l=hl(n,au,e,t);Y(I(n,"no-errors","p",{class:"muted"}),l?"":"No request failed, and none was dropped."),Y(I(n,"help","p",{class:"muted band\
-list help"}),"Drag over a chart to zoom, double click to reset. With the keyboard: arrow keys move, + and − zoom, 0 resets.")}function gu(e){hu(e),Ga(e),Ua(e),
Za(e),Ja(e),Ql()}function wu(e){if($d(e),_e.ready){ui(e),gu(e);return}(n=>document.hidden?setTimeout(n):requestAnimationFrame(n))(()=>setTimeout(()=>{ui(e),setTimeout(
()=>{gu(e),_e.ready=!0},0)},0))}var bu=()=>document.querySelectorAll(".worker-grid canvas");function Xd(){zs();for(let e of Zl.values())e.uplot?.redraw(!1,!0),e.
definition.recolour?.(e);for(let e of bu())e.width!==300&&wl(e)}function yu(e){document.documentElement.classList.toggle("printing",e),zs();for(let t of Zl.values()){
if(!t.uplot||t.figure.hidden)continue;let n=t.definition.height??Ro;t.uplot.setSize({width:e?Jd:t.plot.clientWidth,height:n}),t.definition.recolour?.(t)}for(let t of bu())
wl(t)}matchMedia("(prefers-color-scheme: dark)").addEventListener("change",Xd);window.addEventListener("beforeprint",()=>yu(!0));window.addEventListener("afterp\
rint",()=>yu(!1));Eo?eu(wu):(_e.model=JSON.parse(N("model").textContent??"null"),_e.model&&wu(_e.model));})();
