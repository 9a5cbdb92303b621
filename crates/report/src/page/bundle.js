"use strict";(()=>{var Ou="uplot",Wu="u-hz",Iu="u-vt",zu="u-title",Bu="u-wrap",Gu="u-under",Yu="u-over",qu="u-axis",Sn="u-off",Ku="u-select",ju="u-cursor-x",Uu="u-cursor-y",Zu="u-\
cursor-pt",Ju="u-legend",$u="u-live",Qu="u-inline",Xu="u-series",ec="u-marker",Rr="u-label",tc="u-value",Sl="width",Ml="height";var Vr="bottom",$n="left",es="right",ws="#000",Pr=ws+"0",ts="mousemove",Ar="mousedown",ns="mouseup",Hr="mouseenter",Nr="mouseleave",Fr="dblclick",nc="resize",lc="\
scroll",Or="change",ro="dppxchange",bs="--",ol=typeof window<"u",is=ol?document:null,Xn=ol?window:null,oc=ol?navigator:null,ue,no;function as(){let e=devicePixelRatio;
ue!=e&&(ue=e,no&&cs(Or,no,as),no=matchMedia(`(min-resolution: ${ue-.001}dppx) and (max-resolution: ${ue+.001}dppx)`),Mn(Or,no,as),Xn.dispatchEvent(new CustomEvent(
ro)))}function ht(e,t){if(t!=null){let n=e.classList;!n.contains(t)&&n.add(t)}}function us(e,t){let n=e.classList;n.contains(t)&&n.remove(t)}function ke(e,t,n){
e.style[t]=n+"px"}function Vt(e,t,n,l){let o=is.createElement(e);return t!=null&&ht(o,t),n?.insertBefore(o,l),o}function Mt(e,t){return Vt("div",e,t)}var Wr=new WeakMap;
function Gt(e,t,n,l,o){let r="translate("+t+"px,"+n+"px)",u=Wr.get(e);r!=u&&(e.style.transform=r,Wr.set(e,r),t<0||n<0||t>l||n>o?ht(e,Sn):us(e,Sn))}var Ir=new WeakMap;
function zr(e,t,n){let l=t+n,o=Ir.get(e);l!=o&&(Ir.set(e,l),e.style.background=t,e.style.borderColor=n)}var Br=new WeakMap;function Gr(e,t,n,l){let o=t+""+n,r=Br.
get(e);o!=r&&(Br.set(e,o),e.style.height=n+"px",e.style.width=t+"px",e.style.marginLeft=l?-t/2+"px":0,e.style.marginTop=l?-n/2+"px":0)}var ys={passive:!0},sc={...ys,
capture:!0};function Mn(e,t,n,l){t.addEventListener(e,n,l?sc:ys)}function cs(e,t,n,l){t.removeEventListener(e,n,ys)}ol&&as();function Pt(e,t,n,l){let o;n=n||0,l=
l||t.length-1;let r=l<=2147483647;for(;l-n>1;)o=r?n+l>>1:gt((n+l)/2),t[o]<e?n=o:l=o;return e-t[n]<=t[l]-e?n:l}function wi(e){return(n,l,o)=>{let r=-1,u=-1;for(let i=l;i<=
o;i++)if(e(n[i])){r=i;break}for(let i=o;i>=l;i--)if(e(n[i])){u=i;break}return[r,u]}}var bi=e=>e!=null,yi=e=>e!=null&&e>0,uo=wi(bi),rc=wi(yi);function ic(e,t,n,l=0,o=!1){
let r=o?rc:uo,u=o?yi:bi;[t,n]=r(e,t,n);let i=e[t],f=e[t];if(t>-1)if(l==1)i=e[t],f=e[n];else if(l==-1)i=e[n],f=e[t];else for(let p=t;p<=n;p++){let b=e[p];u(b)&&(b<
i?i=b:b>f&&(f=b))}return[i??he,f??-he]}function co(e,t,n,l){let o=Kr(e),r=Kr(t);e==t&&(o==-1?(e*=n,t/=n):(e/=n,t*=n));let u=n==10?Jt:vi,i=o==1?gt:_t,f=r==1?_t:gt,
p=i(u(ze(e))),b=f(u(ze(t))),h=el(n,p),w=el(n,b);return n==10&&(p<0&&(h=ge(h,-p)),b<0&&(w=ge(w,-b))),l||n==2?(e=h*o,t=w*r):(e=Si(e,h),t=fo(t,w)),[e,t]}function vs(e,t,n,l){
let o=co(e,t,n,l);return e==0&&(o[0]=0),t==0&&(o[1]=0),o}var xs=.1,Yr={mode:3,pad:xs},Ll={pad:0,soft:null,mode:0},ac={min:Ll,max:Ll};function io(e,t,n,l){return po(
n)?qr(e,t,n):(Ll.pad=n,Ll.soft=l?0:null,Ll.mode=l?3:0,qr(e,t,ac))}function ie(e,t){return e??t}function uc(e,t,n){for(t=ie(t,0),n=ie(n,e.length-1);t<=n;){if(e[t]!=
null)return!0;t++}return!1}function qr(e,t,n){let l=n.min,o=n.max,r=ie(l.pad,0),u=ie(o.pad,0),i=ie(l.hard,-he),f=ie(o.hard,he),p=ie(l.soft,he),b=ie(o.soft,-he),
h=ie(l.mode,0),w=ie(o.mode,0),L=t-e,k=Jt(L),V=ot(ze(e),ze(t)),z=Jt(V),B=ze(z-k);(L<1e-24||B>10)&&(L=0,(e==0||t==0)&&(L=1e-24,h==2&&p!=he&&(r=0),w==2&&b!=-he&&(u=
0)));let S=L||V||1e3,I=Jt(S),M=el(10,gt(I)),Q=S*(L==0?e==0?.1:1:r),P=ge(Si(e-Q,M/10),24),X=e>=p&&(h==1||h==3&&P<=p||h==2&&P>=p)?p:he,Z=ot(i,P<X&&e>=X?X:At(X,P)),
ne=S*(L==0?t==0?.1:1:u),U=ge(fo(t+ne,M/10),24),_=t<=b&&(w==1||w==3&&U>=b||w==2&&U<=b)?b:-he,$=At(f,U>_&&t<=_?_:ot(_,U));return Z==$&&Z==0&&($=100),[Z,$]}var cc=new Intl.
NumberFormat(ol?oc.language:"en-US"),Ts=e=>cc.format(e),wt=Math,so=wt.PI,ze=wt.abs,gt=wt.floor,Ie=wt.round,_t=wt.ceil,At=wt.min,ot=wt.max,el=wt.pow,Kr=wt.sign,Jt=wt.
log10,vi=wt.log2,fc=(e,t=1)=>wt.sinh(e)*t,ls=(e,t=1)=>wt.asinh(e/t),he=1/0;function jr(e){return(Jt((e^e>>31)-(e>>31))|0)+1}function fs(e,t,n){return At(ot(e,t),
n)}function xi(e){return typeof e=="function"}function le(e){return xi(e)?e:()=>e}var dc=()=>{},Ti=e=>e,ki=(e,t)=>t,pc=e=>null,Ur=e=>!0,Zr=(e,t)=>e==t,mc=/\.\d*?(?=9{6,}|0{6,})/gm,
_n=e=>{if(_i(e)||rn.has(e))return e;let t=`${e}`,n=t.match(mc);if(n==null)return e;let l=n[0].length-1;if(t.indexOf("e-")!=-1){let[o,r]=t.split("e");return+`${_n(
o)}e${r}`}return ge(e,l)};function Tn(e,t){return _n(ge(_n(e/t))*t)}function fo(e,t){return _n(_t(_n(e/t))*t)}function Si(e,t){return _n(gt(_n(e/t))*t)}function ge(e,t=0){
if(_i(e))return e;let n=10**t,l=e*n*(1+Number.EPSILON);return Ie(l)/n}var rn=new Map;function Mi(e){return((""+e).split(".")[1]||"").length}function El(e,t,n,l){
let o=[],r=l.map(Mi);for(let u=t;u<n;u++){let i=ze(u),f=ge(el(e,u),i);for(let p=0;p<l.length;p++){let b=e==10?+`${l[p]}e${u}`:l[p]*f,h=(u>=0?0:i)+(u>=r[p]?0:r[p]),
w=e==10?b:ge(b,h);o.push(w),rn.set(w,h)}}return o}var Cl={},ks=[],tl=[null,null],sn=Array.isArray,_i=Number.isInteger,hc=e=>e===void 0;function Jr(e){return typeof e==
"string"}function po(e){let t=!1;if(e!=null){let n=e.constructor;t=n==null||n==Object}return t}function gc(e){return e!=null&&typeof e=="object"}var wc=Object.getPrototypeOf(
Uint8Array),Li="__proto__";function nl(e,t=po){let n;if(sn(e)){let l=e.find(o=>o!=null);if(sn(l)||t(l)){n=Array(e.length);for(let o=0;o<e.length;o++)n[o]=nl(e[o],
t)}else n=e.slice()}else if(e instanceof wc)n=e.slice();else if(t(e)){n={};for(let l in e)l!=Li&&(n[l]=nl(e[l],t))}else n=e;return n}function He(e){let t=arguments;
for(let n=1;n<t.length;n++){let l=t[n];for(let o in l)o!=Li&&(po(e[o])?He(e[o],nl(l[o])):e[o]=nl(l[o]))}return e}var bc=0,yc=1,vc=2;function xc(e,t,n){for(let l=0,
o,r=-1;l<t.length;l++){let u=t[l];if(u>r){for(o=u-1;o>=0&&e[o]==null;)e[o--]=null;for(o=u+1;o<n&&e[o]==null;)e[r=o++]=null}}}function Tc(e,t){if(Mc(e)){let u=e[0].
slice();for(let i=1;i<e.length;i++)u.push(...e[i].slice(1));return _c(u[0])||(u=Sc(u)),u}let n=new Set;for(let u=0;u<e.length;u++){let f=e[u][0],p=f.length;for(let b=0;b<
p;b++)n.add(f[b])}let l=[Array.from(n).sort((u,i)=>u-i)],o=l[0].length,r=new Map;for(let u=0;u<o;u++)r.set(l[0][u],u);for(let u=0;u<e.length;u++){let i=e[u],f=i[0];
for(let p=1;p<i.length;p++){let b=i[p],h=Array(o).fill(void 0),w=t?t[u][p]:yc,L=[];for(let k=0;k<b.length;k++){let V=b[k],z=r.get(f[k]);V===null?w!=bc&&(h[z]=V,
w==vc&&L.push(z)):h[z]=V}xc(h,L,o),l.push(h)}}return l}var kc=typeof queueMicrotask>"u"?e=>Promise.resolve().then(e):queueMicrotask;function Sc(e){let t=e[0],n=t.
length,l=Array(n);for(let r=0;r<l.length;r++)l[r]=r;l.sort((r,u)=>t[r]-t[u]);let o=[];for(let r=0;r<e.length;r++){let u=e[r],i=Array(n);for(let f=0;f<n;f++)i[f]=
u[l[f]];o.push(i)}return o}function Mc(e){let t=e[0][0],n=t.length;for(let l=1;l<e.length;l++){let o=e[l][0];if(o.length!=n)return!1;if(o!=t){for(let r=0;r<n;r++)
if(o[r]!=t[r])return!1}}return!0}function _c(e,t=100){let n=e.length;if(n<=1)return!0;let l=0,o=n-1;for(;l<=o&&e[l]==null;)l++;for(;o>=l&&e[o]==null;)o--;if(o<=
l)return!0;let r=ot(1,gt((o-l+1)/t));for(let u=e[l],i=l+r;i<=o;i+=r){let f=e[i];if(f!=null){if(f<=u)return!1;u=f}}return!0}var Ci=["January","February","March",
"April","May","June","July","August","September","October","November","December"],Ei=["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"];function Di(e){
return e.slice(0,3)}var Lc=Ei.map(Di),Cc=Ci.map(Di),Ec={MMMM:Ci,MMM:Cc,WWWW:Ei,WWW:Lc};function kl(e){return(e<10?"0":"")+e}function Dc(e){return(e<10?"00":e<100?
"0":"")+e}var Rc={YYYY:e=>e.getFullYear(),YY:e=>(e.getFullYear()+"").slice(2),MMMM:(e,t)=>t.MMMM[e.getMonth()],MMM:(e,t)=>t.MMM[e.getMonth()],MM:e=>kl(e.getMonth()+
1),M:e=>e.getMonth()+1,DD:e=>kl(e.getDate()),D:e=>e.getDate(),WWWW:(e,t)=>t.WWWW[e.getDay()],WWW:(e,t)=>t.WWW[e.getDay()],HH:e=>kl(e.getHours()),H:e=>e.getHours(),
h:e=>{let t=e.getHours();return t==0?12:t>12?t-12:t},AA:e=>e.getHours()>=12?"PM":"AM",aa:e=>e.getHours()>=12?"pm":"am",a:e=>e.getHours()>=12?"p":"a",mm:e=>kl(e.
getMinutes()),m:e=>e.getMinutes(),ss:e=>kl(e.getSeconds()),s:e=>e.getSeconds(),fff:e=>Dc(e.getMilliseconds())};function Ss(e,t){t=t||Ec;let n=[],l=/\{([a-z]+)\}|[^{]+/gi,
o;for(;o=l.exec(e);)n.push(o[0][0]=="{"?Rc[o[1]]:o[0]);return r=>{let u="";for(let i=0;i<n.length;i++)u+=typeof n[i]=="string"?n[i]:n[i](r,t);return u}}var Vc=new Intl.
DateTimeFormat().resolvedOptions().timeZone;function Pc(e,t){let n;return t=="UTC"||t=="Etc/UTC"?n=new Date(+e+e.getTimezoneOffset()*6e4):t==Vc?n=e:(n=new Date(
e.toLocaleString("en-US",{timeZone:t})),n.setMilliseconds(e.getMilliseconds())),n}var Ri=e=>e%1==0,ao=[1,2,2.5,5],Ac=El(10,-32,0,ao),Vi=El(10,0,32,ao),Hc=Vi.filter(
Ri),kn=Ac.concat(Vi),Ms=`
`,Pi="{YYYY}",$r=Ms+Pi,Ai="{M}/{D}",_l=Ms+Ai,lo=_l+"/{YY}",Hi="{aa}",Nc="{h}:{mm}",Qn=Nc+Hi,Qr=Ms+Qn,Xr=":{ss}",de=null;function Ni(e){let t=e*1e3,n=t*60,l=n*60,
o=l*24,r=o*30,u=o*365,f=(e==1?El(10,0,3,ao).filter(Ri):El(10,-3,0,ao)).concat([t,t*5,t*10,t*15,t*30,n,n*5,n*10,n*15,n*30,l,l*2,l*3,l*4,l*6,l*8,l*12,o,o*2,o*3,o*
4,o*5,o*6,o*7,o*8,o*9,o*10,o*15,r,r*2,r*3,r*4,r*6,u,u*2,u*5,u*10,u*25,u*50,u*100]),p=[[u,Pi,de,de,de,de,de,de,1],[o*28,"{MMM}",$r,de,de,de,de,de,1],[o,Ai,$r,de,
de,de,de,de,1],[l,"{h}"+Hi,lo,de,_l,de,de,de,1],[n,Qn,lo,de,_l,de,de,de,1],[t,Xr,lo+" "+Qn,de,_l+" "+Qn,de,Qr,de,1],[e,Xr+".{fff}",lo+" "+Qn,de,_l+" "+Qn,de,Qr,
de,1]];function b(h){return(w,L,k,V,z,B)=>{let S=[],I=z>=u,M=z>=r&&z<u,Q=h(k),P=ge(Q*e,3),X=os(Q.getFullYear(),I?0:Q.getMonth(),M||I?1:Q.getDate()),Z=ge(X*e,3);
if(M||I){let ne=M?z/r:0,U=I?z/u:0,_=P==Z?P:ge(os(X.getFullYear()+U,X.getMonth()+ne,1)*e,3),$=new Date(Ie(_/e)),A=$.getFullYear(),K=$.getMonth();for(let W=0;_<=V;W++){
let oe=os(A+U*W,K+ne*W,1),O=oe-h(ge(oe*e,3));_=ge((+oe+O)*e,3),_<=V&&S.push(_)}}else{let ne=z>=o?o:z,U=gt(k)-gt(P),_=Z+U+fo(P-Z,ne);S.push(_);let $=h(_),A=$.getHours()+
$.getMinutes()/n+$.getSeconds()/l,K=z/l,W=w.axes[L]._space,oe=B/W;for(;_=ge(_+z,e==1?0:3),!(_>V);)if(K>1){let O=gt(ge(A+K,6))%24,se=h(_).getHours()-O;se>1&&(se=
-1),_-=se*l,A=(A+K)%24;let pe=S[S.length-1];ge((_-pe)/z,3)*oe>=.7&&S.push(_)}else S.push(_)}return S}}return[f,p,b]}var[Fc,Oc,Wc]=Ni(1),[Ic,zc,Bc]=Ni(.001);El(2,
-53,53,[1]);function ei(e,t){return e.map(n=>n.map((l,o)=>o==0||o==8||l==null?l:t(o==1||n[8]==0?l:n[1]+l)))}function ti(e,t){return(n,l,o,r,u)=>{let i=t.find(k=>u>=
k[0])||t[t.length-1],f,p,b,h,w,L;return l.map(k=>{let V=e(k),z=V.getFullYear(),B=V.getMonth(),S=V.getDate(),I=V.getHours(),M=V.getMinutes(),Q=V.getSeconds(),P=z!=
f&&i[2]||B!=p&&i[3]||S!=b&&i[4]||I!=h&&i[5]||M!=w&&i[6]||Q!=L&&i[7]||i[1];return f=z,p=B,b=S,h=I,w=M,L=Q,P(V)})}}function Gc(e,t){let n=Ss(t);return(l,o,r,u,i)=>o.
map(f=>n(e(f)))}function os(e,t,n){return new Date(e,t,n)}function ni(e,t){return t(e)}var Yc="{YYYY}-{MM}-{DD} {h}:{mm}{aa}";function li(e,t){return(n,l,o,r)=>r==
null?bs:t(e(l))}function qc(e,t){let n=e.series[t];return n.width?n.stroke(e,t):n.points.width?n.points.stroke(e,t):null}function Kc(e,t){return e.series[t].fill(
e,t)}var jc={show:!0,live:!0,isolate:!1,mount:dc,markers:{show:!0,width:2,stroke:qc,fill:Kc,dash:"solid"},idx:null,idxs:null,values:[]};function Uc(e,t){let n=e.
cursor.points,l=Mt(),o=n.size(e,t);ke(l,Sl,o),ke(l,Ml,o);let r=o/-2;ke(l,"marginLeft",r),ke(l,"marginTop",r);let u=n.width(e,t,o);return u&&ke(l,"borderWidth",u),
l}function Zc(e,t){let n=e.series[t].points;return n._fill||n._stroke}function Jc(e,t){let n=e.series[t].points;return n._stroke||n._fill}function $c(e,t){return e.
series[t].points.size}var ss=[0,0];function Qc(e,t,n){return ss[0]=t,ss[1]=n,ss}function oo(e,t,n,l=!0){return o=>{o.button==0&&(!l||o.target==t)&&n(o)}}function rs(e,t,n,l=!0){
return o=>{(!l||o.target==t)&&n(o)}}var Xc={show:!0,x:!0,y:!0,lock:!1,move:Qc,points:{one:!1,show:Uc,size:$c,width:0,stroke:Jc,fill:Zc},bind:{mousedown:oo,mouseup:oo,
click:oo,dblclick:oo,mousemove:rs,mouseleave:rs,mouseenter:rs},drag:{setScale:!0,x:!0,y:!1,dist:0,uni:null,click:(e,t)=>{t.stopPropagation(),t.stopImmediatePropagation()},
_x:!1,_y:!1},focus:{dist:(e,t,n,l,o)=>l-o,prox:-1,bias:0},hover:{skip:[void 0],prox:null,bias:0},left:-10,top:-10,idx:null,dataIdx:null,idxs:null,event:null},Fi={
show:!0,stroke:"rgba(0,0,0,0.07)",width:2},_s=He({},Fi,{filter:ki}),Oi=He({},_s,{size:10}),Wi=He({},Fi,{show:!1}),Ls='12px system-ui, -apple-system, "Segoe UI",\
 Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"',Ii="bold "+Ls,zi=1.5,oi={
show:!0,scale:"x",stroke:ws,space:50,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:Ii,side:2,grid:_s,ticks:Oi,border:Wi,font:Ls,lineGap:zi,rotate:0},
ef="Value",tf="Time",si={show:!0,scale:"x",auto:!1,sorted:1,min:he,max:-he,idxs:[]};function nf(e,t,n,l,o){return t.map(r=>r==null?"":Ts(r))}function lf(e,t,n,l,o,r,u){
let i=[],f=rn.get(o)||0;n=u?n:ge(fo(n,o),f);for(let p=n;p<=l;p=ge(p+o,f))i.push(Object.is(p,-0)?0:p);return i}function ds(e,t,n,l,o,r,u){let i=[],f=e.scales[e.axes[t].
scale].log,p=f==10?Jt:vi,b=gt(p(n));o=el(f,b),f==10&&(o=kn[Pt(o,kn)]);let h=n,w=o*f;f==10&&(w=kn[Pt(w,kn)]);do i.push(h),h=h+o,f==10&&!rn.has(h)&&(h=ge(h,rn.get(
o))),h>=w&&(o=h,w=o*f,f==10&&(w=kn[Pt(w,kn)]));while(h<=l);return i}function of(e,t,n,l,o,r,u){let f=e.scales[e.axes[t].scale].asinh,p=l>f?ds(e,t,ot(f,n),l,o):[
f],b=l>=0&&n<=0?[0]:[];return(n<-f?ds(e,t,ot(f,-l),-n,o):[f]).reverse().map(w=>-w).concat(b,p)}var Bi=/./,sf=/[12357]/,rf=/[125]/,ri=/1/,ps=(e,t,n,l)=>e.map((o,r)=>t==
4&&o==0||r%l==0&&n.test(o.toExponential()[o<0?1:0])?o:null);function af(e,t,n,l,o){let r=e.axes[n],u=r.scale,i=e.scales[u],f=e.valToPos,p=r._space,b=f(10,u),h=f(
9,u)-b>=p?Bi:f(7,u)-b>=p?sf:f(5,u)-b>=p?rf:ri;if(h==ri){let w=ze(f(1,u)-b);if(w<p)return ps(t.slice().reverse(),i.distr,h,_t(p/w)).reverse()}return ps(t,i.distr,
h,1)}function uf(e,t,n,l,o){let r=e.axes[n],u=r.scale,i=r._space,f=e.valToPos,p=ze(f(1,u)-f(2,u));return p<i?ps(t.slice().reverse(),3,Bi,_t(i/p)).reverse():t}function cf(e,t,n,l){
return l==null?bs:t==null?"":Ts(t)}var ii={show:!0,scale:"y",stroke:ws,space:30,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:Ii,side:3,grid:_s,ticks:Oi,
border:Wi,font:Ls,lineGap:zi,rotate:0};function ff(e,t){let n=3+(e||1)*2;return ge(n*t,3)}function df(e,t){let{scale:n,idxs:l}=e.series[0],o=e._data[0],r=e.valToPos(
o[l[0]],n,!0),u=e.valToPos(o[l[1]],n,!0),i=ze(u-r),f=e.series[t],p=i/(f.points.space*ue);return l[1]-l[0]<=p}var ai={scale:null,auto:!0,sorted:0,min:he,max:-he},
Gi=(e,t,n,l,o)=>o,ui={show:!0,auto:!0,sorted:0,gaps:Gi,alpha:1,facets:[He({},ai,{scale:"x"}),He({},ai,{scale:"y"})]},ci={scale:"y",auto:!0,sorted:0,show:!0,spanGaps:!1,
gaps:Gi,alpha:1,points:{show:df,filter:null},values:null,min:he,max:-he,idxs:[],path:null,clip:null};function pf(e,t,n,l,o){return n/10}var Yi={time:!0,auto:!0,
distr:1,log:10,asinh:1,min:null,max:null,dir:1,ori:0},mf=He({},Yi,{time:!1,ori:1}),fi={};function qi(e,t){let n=fi[e];return n||(n={key:e,plots:[],sub(l){n.plots.
push(l)},unsub(l){n.plots=n.plots.filter(o=>o!=l)},pub(l,o,r,u,i,f,p){for(let b=0;b<n.plots.length;b++)n.plots[b]!=o&&n.plots[b].pub(l,o,r,u,i,f,p)}},e!=null&&(fi[e]=
n)),n}var ll=1,ms=2;function Ln(e,t,n){let l=e.mode,o=e.series[t],r=l==2?e._data[t]:e._data,u=e.scales,i=e.bbox,f=r[0],p=l==2?r[1]:r[t],b=l==2?u[o.facets[0].scale]:
u[e.series[0].scale],h=l==2?u[o.facets[1].scale]:u[o.scale],w=i.left,L=i.top,k=i.width,V=i.height,z=e.valToPosH,B=e.valToPosV;return b.ori==0?n(o,f,p,b,h,z,B,w,
L,k,V,ho,sl,wo,ji,Zi):n(o,f,p,b,h,B,z,L,w,V,k,go,rl,Ds,Ui,Ji)}function Cs(e,t){let n=0,l=0,o=ie(e.bands,ks);for(let r=0;r<o.length;r++){let u=o[r];u.series[0]==
t?n=u.dir:u.series[1]==t&&(u.dir==1?l|=1:l|=2)}return[n,l==1?-1:l==2?1:l==3?2:0]}function hf(e,t,n,l,o){let r=e.mode,u=e.series[t],i=r==2?u.facets[1].scale:u.scale,
f=e.scales[i];return o==-1?f.min:o==1?f.max:f.distr==3?f.dir==1?f.min:f.max:0}function $t(e,t,n,l,o,r){return Ln(e,t,(u,i,f,p,b,h,w,L,k,V,z)=>{let B=u.pxRound,S=p.
dir*(p.ori==0?1:-1),I=p.ori==0?sl:rl,M,Q;S==1?(M=n,Q=l):(M=l,Q=n);let P=B(h(i[M],p,V,L)),X=B(w(f[M],b,z,k)),Z=B(h(i[Q],p,V,L)),ne=B(w(r==1?b.max:b.min,b,z,k)),U=new Path2D(
o);return I(U,Z,ne),I(U,P,ne),I(U,P,X),U})}function mo(e,t,n,l,o,r){let u=null;if(e.length>0){u=new Path2D;let i=t==0?wo:Ds,f=n;for(let h=0;h<e.length;h++){let w=e[h];
if(w[1]>w[0]){let L=w[0]-f;L>0&&i(u,f,l,L,l+r),f=w[1]}}let p=n+o-f,b=10;p>0&&i(u,f,l-b/2,p,l+r+b)}return u}function gf(e,t,n){let l=e[e.length-1];l&&l[0]==t?l[1]=
n:e.push([t,n])}function Es(e,t,n,l,o,r,u){let i=[],f=e.length;for(let p=o==1?n:l;p>=n&&p<=l;p+=o)if(t[p]===null){let h=p,w=p;if(o==1)for(;++p<=l&&t[p]===null;)
w=p;else for(;--p>=n&&t[p]===null;)w=p;let L=r(e[h]),k=w==h?L:r(e[w]),V=h-o;L=u<=0&&V>=0&&V<f?r(e[V]):L;let B=w+o;k=u>=0&&B>=0&&B<f?r(e[B]):k,k>=L&&i.push([L,k])}
return i}function di(e){return e==0?Ti:e==1?Ie:t=>Tn(t,e)}function Ki(e){let t=e==0?ho:go,n=e==0?(o,r,u,i,f,p)=>{o.arcTo(r,u,i,f,p)}:(o,r,u,i,f,p)=>{o.arcTo(u,r,
f,i,p)},l=e==0?(o,r,u,i,f)=>{o.rect(r,u,i,f)}:(o,r,u,i,f)=>{o.rect(u,r,f,i)};return(o,r,u,i,f,p=0,b=0)=>{p==0&&b==0?l(o,r,u,i,f):(p=At(p,i/2,f/2),b=At(b,i/2,f/2),
t(o,r+p,u),n(o,r+i,u,r+i,u+f,p),n(o,r+i,u+f,r,u+f,b),n(o,r,u+f,r,u,b),n(o,r,u,r+i,u,p),o.closePath())}}var ho=(e,t,n)=>{e.moveTo(t,n)},go=(e,t,n)=>{e.moveTo(n,t)},
sl=(e,t,n)=>{e.lineTo(t,n)},rl=(e,t,n)=>{e.lineTo(n,t)},wo=Ki(0),Ds=Ki(1),ji=(e,t,n,l,o,r)=>{e.arc(t,n,l,o,r)},Ui=(e,t,n,l,o,r)=>{e.arc(n,t,l,o,r)},Zi=(e,t,n,l,o,r,u)=>{
e.bezierCurveTo(t,n,l,o,r,u)},Ji=(e,t,n,l,o,r,u)=>{e.bezierCurveTo(n,t,o,l,u,r)};function $i(e){return(t,n,l,o,r)=>Ln(t,n,(u,i,f,p,b,h,w,L,k,V,z)=>{let{pxRound:B,
points:S}=u,I,M;p.ori==0?(I=ho,M=ji):(I=go,M=Ui);let Q=ge(S.width*ue,3),P=(S.size-S.width)/2*ue,X=ge(P*2,3),Z=new Path2D,ne=new Path2D,{left:U,top:_,width:$,height:A}=t.
bbox;wo(ne,U-X,_-X,$+X*2,A+X*2);let K=W=>{if(f[W]!=null){let oe=B(h(i[W],p,V,L)),O=B(w(f[W],b,z,k));I(Z,oe+P,O),M(Z,oe,O,P,0,so*2)}};if(r)r.forEach(K);else for(let W=l;W<=
o;W++)K(W);return{stroke:Q>0?Z:null,fill:Z,clip:ne,flags:ll|ms}})}function Qi(e){return(t,n,l,o,r,u)=>{l!=o&&(r!=l&&u!=l&&e(t,n,l),r!=o&&u!=o&&e(t,n,o),e(t,n,u))}}
var wf=Qi(sl),bf=Qi(rl);function Xi(e){let t=ie(e?.alignGaps,0);return(n,l,o,r)=>Ln(n,l,(u,i,f,p,b,h,w,L,k,V,z)=>{[o,r]=uo(f,o,r);let B=u.pxRound,S=A=>B(h(A,p,V,
L)),I=A=>B(w(A,b,z,k)),M,Q;p.ori==0?(M=sl,Q=wf):(M=rl,Q=bf);let P=p.dir*(p.ori==0?1:-1),X={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:ll},Z=X.
stroke,ne=!1;if(r-o>=V*4){let A=H=>n.posToVal(H,p.key,!0),K=null,W=null,oe,O,st,Se=S(i[P==1?o:r]),se=S(i[o]),pe=S(i[r]),ee=A(P==1?se+1:pe-1);for(let H=P==1?o:r;H>=
o&&H<=r;H+=P){let Oe=i[H],Me=(P==1?Oe<ee:Oe>ee)?Se:S(Oe),fe=f[H];Me==Se?fe!=null?(O=fe,K==null?(M(Z,Me,I(O)),oe=K=W=O):O<K?K=O:O>W&&(W=O)):fe===null&&(ne=!0):(K!=
null&&Q(Z,Se,I(K),I(W),I(oe),I(O)),fe!=null?(O=fe,M(Z,Me,I(O)),K=W=oe=O):(K=W=null,fe===null&&(ne=!0)),Se=Me,ee=A(Se+P))}K!=null&&K!=W&&st!=Se&&Q(Z,Se,I(K),I(W),
I(oe),I(O))}else for(let A=P==1?o:r;A>=o&&A<=r;A+=P){let K=f[A];K===null?ne=!0:K!=null&&M(Z,S(i[A]),I(K))}let[_,$]=Cs(n,l);if(u.fill!=null||_!=0){let A=X.fill=new Path2D(
Z),K=u.fillTo(n,l,u.min,u.max,_),W=I(K),oe=S(i[o]),O=S(i[r]);P==-1&&([O,oe]=[oe,O]),M(A,O,W),M(A,oe,W)}if(!u.spanGaps){let A=[];ne&&A.push(...Es(i,f,o,r,P,S,t)),
X.gaps=A=u.gaps(n,l,o,r,A),X.clip=mo(A,p.ori,L,k,V,z)}return $!=0&&(X.band=$==2?[$t(n,l,o,r,Z,-1),$t(n,l,o,r,Z,1)]:$t(n,l,o,r,Z,$)),X})}function yf(e){let t=ie(
e.align,1),n=ie(e.ascDesc,!1),l=ie(e.alignGaps,0),o=ie(e.extend,!1);return(r,u,i,f)=>Ln(r,u,(p,b,h,w,L,k,V,z,B,S,I)=>{[i,f]=uo(h,i,f);let M=p.pxRound,{left:Q,width:P}=r.
bbox,X=se=>M(k(se,w,S,z)),Z=se=>M(V(se,L,I,B)),ne=w.ori==0?sl:rl,U={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:ll},_=U.stroke,$=w.dir*(w.ori==
0?1:-1),A=Z(h[$==1?i:f]),K=X(b[$==1?i:f]),W=K,oe=K;o&&t==-1&&(oe=Q,ne(_,oe,A)),ne(_,K,A);for(let se=$==1?i:f;se>=i&&se<=f;se+=$){let pe=h[se];if(pe==null)continue;
let ee=X(b[se]),H=Z(pe);t==1?ne(_,ee,A):ne(_,W,H),ne(_,ee,H),A=H,W=ee}let O=W;o&&t==1&&(O=Q+P,ne(_,O,A));let[st,Se]=Cs(r,u);if(p.fill!=null||st!=0){let se=U.fill=
new Path2D(_),pe=p.fillTo(r,u,p.min,p.max,st),ee=Z(pe);ne(se,O,ee),ne(se,oe,ee)}if(!p.spanGaps){let se=[];se.push(...Es(b,h,i,f,$,X,l));let pe=p.width*ue/2,ee=n||
t==1?pe:-pe,H=n||t==-1?-pe:pe;se.forEach(Oe=>{Oe[0]+=ee,Oe[1]+=H}),U.gaps=se=p.gaps(r,u,i,f,se),U.clip=mo(se,w.ori,z,B,S,I)}return Se!=0&&(U.band=Se==2?[$t(r,u,
i,f,_,-1),$t(r,u,i,f,_,1)]:$t(r,u,i,f,_,Se)),U})}function pi(e,t,n,l,o,r,u=he){if(e.length>1){let i=null;for(let f=0,p=1/0;f<e.length;f++)if(t[f]!==void 0){if(i!=
null){let b=ze(e[f]-e[i]);b<p&&(p=b,u=ze(n(e[f],l,o,r)-n(e[i],l,o,r)))}i=f}}return u}function vf(e){e=e||Cl;let t=ie(e.size,[.6,he,1]),n=e.align||0,l=e.gap||0,o=e.
radius;o=o==null?[0,0]:typeof o=="number"?[o,0]:o;let r=le(o),u=1-t[0],i=ie(t[1],he),f=ie(t[2],1),p=ie(e.disp,Cl),b=ie(e.each,L=>{}),{fill:h,stroke:w}=p;return(L,k,V,z)=>Ln(
L,k,(B,S,I,M,Q,P,X,Z,ne,U,_)=>{let $=B.pxRound,A=n,K=l*ue,W=i*ue,oe=f*ue,O,st;M.ori==0?[O,st]=r(L,k):[st,O]=r(L,k);let Se=M.dir*(M.ori==0?1:-1),se=M.ori==0?wo:Ds,
pe=M.ori==0?b:(D,be,We,Hn,mn,Ft,hn)=>{b(D,be,We,mn,Hn,hn,Ft)},ee=ie(L.bands,ks).find(D=>D.series[0]==k),H=ee!=null?ee.dir:0,Oe=B.fillTo(L,k,B.min,B.max,H),Xe=$(
X(Oe,Q,_,ne)),Me,fe,Lt,ct=U,Ce=$(B.width*ue),Nt=!1,jt=null,yt=null,Xt=null,Vn=null;h!=null&&(Ce==0||w!=null)&&(Nt=!0,jt=h.values(L,k,V,z),yt=new Map,new Set(jt).
forEach(D=>{D!=null&&yt.set(D,new Path2D)}),Ce>0&&(Xt=w.values(L,k,V,z),Vn=new Map,new Set(Xt).forEach(D=>{D!=null&&Vn.set(D,new Path2D)})));let{x0:Pn,size:hl}=p;
if(Pn!=null&&hl!=null){A=1,S=Pn.values(L,k,V,z),Pn.unit==2&&(S=S.map(We=>L.posToVal(Z+We*U,M.key,!0)));let D=hl.values(L,k,V,z);hl.unit==2?fe=D[0]*U:fe=P(D[0],M,
U,Z)-P(0,M,U,Z),ct=pi(S,I,P,M,U,Z,ct),Lt=ct-fe+K}else ct=pi(S,I,P,M,U,Z,ct),Lt=ct*u+K,fe=ct-Lt;Lt<1&&(Lt=0),Ce>=fe/2&&(Ce=0),Lt<5&&($=Ti);let Kl=Lt>0,dn=ct-Lt-(Kl?
Ce:0);fe=$(fs(dn,oe,W)),Me=(A==0?fe/2:A==Se?0:fe)-A*Se*((A==0?K/2:0)+(Kl?Ce/2:0));let et={stroke:null,fill:null,clip:null,band:null,gaps:null,flags:0},An=Nt?null:
new Path2D,Ut=null;if(ee!=null)Ut=L.data[ee.series[1]];else{let{y0:D,y1:be}=p;D!=null&&be!=null&&(I=be.values(L,k,V,z),Ut=D.values(L,k,V,z))}let pn=O*fe,J=st*fe;
for(let D=Se==1?V:z;D>=V&&D<=z;D+=Se){let be=I[D];if(be==null)continue;if(Ut!=null){let rt=Ut[D]??0;if(be-rt==0)continue;Xe=X(rt,Q,_,ne)}let We=M.distr!=2||p!=null?
S[D]:D,Hn=P(We,M,U,Z),mn=X(ie(be,Oe),Q,_,ne),Ft=$(Hn-Me),hn=$(ot(mn,Xe)),ft=$(At(mn,Xe)),vt=hn-ft;if(be!=null){let rt=be<0?J:pn,Ct=be<0?pn:J;Nt?(Ce>0&&Xt[D]!=null&&
se(Vn.get(Xt[D]),Ft,ft+gt(Ce/2),fe,ot(0,vt-Ce),rt,Ct),jt[D]!=null&&se(yt.get(jt[D]),Ft,ft+gt(Ce/2),fe,ot(0,vt-Ce),rt,Ct)):se(An,Ft,ft+gt(Ce/2),fe,ot(0,vt-Ce),rt,
Ct),pe(L,k,D,Ft-Ce/2,ft,fe+Ce,vt)}}return Ce>0?et.stroke=Nt?Vn:An:Nt||(et._fill=B.width==0?B._fill:B._stroke??B._fill,et.width=0),et.fill=Nt?yt:An,et})}function xf(e,t){
let n=ie(t?.alignGaps,0);return(l,o,r,u)=>Ln(l,o,(i,f,p,b,h,w,L,k,V,z,B)=>{[r,u]=uo(p,r,u);let S=i.pxRound,I=O=>S(w(O,b,z,k)),M=O=>S(L(O,h,B,V)),Q,P,X;b.ori==0?
(Q=ho,X=sl,P=Zi):(Q=go,X=rl,P=Ji);let Z=b.dir*(b.ori==0?1:-1),ne=I(f[Z==1?r:u]),U=ne,_=[],$=[];for(let O=Z==1?r:u;O>=r&&O<=u;O+=Z)if(p[O]!=null){let Se=f[O],se=I(
Se);_.push(U=se),$.push(M(p[O]))}let A={stroke:e(_,$,Q,X,P,S),fill:null,clip:null,band:null,gaps:null,flags:ll},K=A.stroke,[W,oe]=Cs(l,o);if(i.fill!=null||W!=0){
let O=A.fill=new Path2D(K),st=i.fillTo(l,o,i.min,i.max,W),Se=M(st);X(O,U,Se),X(O,ne,Se)}if(!i.spanGaps){let O=[];O.push(...Es(f,p,r,u,Z,I,n)),A.gaps=O=i.gaps(l,
o,r,u,O),A.clip=mo(O,b.ori,k,V,z,B)}return oe!=0&&(A.band=oe==2?[$t(l,o,r,u,K,-1),$t(l,o,r,u,K,1)]:$t(l,o,r,u,K,oe)),A})}function Tf(e){return xf(kf,e)}function kf(e,t,n,l,o,r){
let u=e.length;if(u<2)return null;let i=new Path2D;if(n(i,e[0],t[0]),u==2)l(i,e[1],t[1]);else{let f=Array(u),p=Array(u-1),b=Array(u-1),h=Array(u-1);for(let w=0;w<
u-1;w++)b[w]=t[w+1]-t[w],h[w]=e[w+1]-e[w],p[w]=b[w]/h[w];f[0]=p[0];for(let w=1;w<u-1;w++)p[w]===0||p[w-1]===0||p[w-1]>0!=p[w]>0?f[w]=0:(f[w]=3*(h[w-1]+h[w])/((2*
h[w]+h[w-1])/p[w-1]+(h[w]+2*h[w-1])/p[w]),isFinite(f[w])||(f[w]=0));f[u-1]=p[u-2];for(let w=0;w<u-1;w++)o(i,e[w]+h[w]/3,t[w]+f[w]*h[w]/3,e[w+1]-h[w]/3,t[w+1]-f[w+
1]*h[w]/3,e[w+1],t[w+1])}return i}var hs=new Set;function mi(){for(let e of hs)e.syncRect(!0)}ol&&(Mn(nc,Xn,mi),Mn(lc,Xn,mi,!0),Mn(ro,Xn,()=>{Ee.pxRatio=ue}));var Sf=Xi(),
Mf=$i();function hi(e,t,n,l){return(l?[e[0],e[1]].concat(e.slice(2)):[e[0]].concat(e.slice(1))).map((r,u)=>gs(r,u,t,n))}function _f(e,t){return e.map((n,l)=>l==
0?{}:He({},t,n))}function gs(e,t,n,l){return He({},t==0?n:l,e)}function ea(e,t,n){return t==null?tl:[t,n]}var Lf=ea;function Cf(e,t,n){return t==null?tl:io(t,n,
xs,!0)}function ta(e,t,n,l){return t==null?tl:co(t,n,e.scales[l].log,!1)}var Ef=ta;function na(e,t,n,l){return t==null?tl:vs(t,n,e.scales[l].log,!1)}var Df=na;function Rf(e,t,n,l,o){
let r=ot(jr(e),jr(t)),u=t-e,i=Pt(o/l*u,n);do{let f=n[i],p=l*f/u;if(p>=o&&r+(f<5?rn.get(f):0)<=17)return[f,p]}while(++i<n.length);return[0,0]}function gi(e){let t,
n;return e=e.replace(/(\d+)px/,(l,o)=>(t=Ie((n=+o)*ue))+"px"),[e,t,n]}function Vf(e){e.show&&[e.font,e.labelFont].forEach(t=>{let n=ge(t[2]*ue,1);t[0]=t[0].replace(
/[0-9.]+px/,n+"px"),t[1]=n})}function Ee(e,t,n){let l={mode:ie(e.mode,1)},o=l.mode;function r(s,a,c,d){let m=a.valToPct(s);return d+c*(a.dir==-1?1-m:m)}function u(s,a,c,d){
let m=a.valToPct(s);return d+c*(a.dir==-1?m:1-m)}function i(s,a,c,d){return a.ori==0?r(s,a,c,d):u(s,a,c,d)}l.valToPosH=r,l.valToPosV=u;let f=!1;l.status=0;let p=l.
root=Mt(Ou);if(e.id!=null&&(p.id=e.id),ht(p,e.class),e.title){let s=Mt(zu,p);s.textContent=e.title}let b=Vt("canvas"),h=l.ctx=b.getContext("2d"),w=Mt(Bu,p);Mn("\
click",w,s=>{s.target===k&&(ve!=Kn||_e!=jn)&&Je.click(l,s)},!0);let L=l.under=Mt(Gu,w);w.appendChild(b);let k=l.over=Mt(Yu,w);e=nl(e);let V=+ie(e.pxAlign,1),z=di(
V);(e.plugins||[]).forEach(s=>{s.opts&&(e=s.opts(l,e)||e)});let B=e.ms||.001,S=l.series=o==1?hi(e.series||[],si,ci,!1):_f(e.series||[null],ui),I=l.axes=hi(e.axes||
[],oi,ii,!0),M=l.scales={},Q=l.bands=e.bands||[];Q.forEach(s=>{s.fill=le(s.fill||null),s.dir=ie(s.dir,-1)});let P=o==2?S[1].facets[0].scale:S[0].scale,X={axes:ku,
series:bu},Z=(e.drawOrder||["axes","series"]).map(s=>X[s]);function ne(s){let a=s.distr==3?c=>Jt(c>0?c:s.clamp(l,c,s.min,s.max,s.key)):s.distr==4?c=>ls(c,s.asinh):
s.distr==100?c=>s.fwd(c):c=>c;return c=>{let d=a(c),{_min:m,_max:g}=s,y=g-m;return(d-m)/y}}function U(s){let a=M[s];if(a==null){let c=(e.scales||Cl)[s]||Cl;if(c.
from!=null){U(c.from);let d=He({},M[c.from],c,{key:s});d.valToPct=ne(d),M[s]=d}else{a=M[s]=He({},s==P?Yi:mf,c),a.key=s;let d=a.time,m=a.range,g=sn(m);if((s!=P||
o==2&&!d)&&(g&&(m[0]==null||m[1]==null)&&(m={min:m[0]==null?Yr:{mode:1,hard:m[0],soft:m[0]},max:m[1]==null?Yr:{mode:1,hard:m[1],soft:m[1]}},g=!1),!g&&po(m))){let y=m;
m=(x,T,C)=>T==null?tl:io(T,C,y)}a.range=le(m||(d?Lf:s==P?a.distr==3?Ef:a.distr==4?Df:ea:a.distr==3?ta:a.distr==4?na:Cf)),a.auto=le(g?!1:a.auto),a.clamp=le(a.clamp||
pf),a._min=a._max=null,a.valToPct=ne(a)}}}U("x"),U("y"),o==1&&S.forEach(s=>{U(s.scale)}),I.forEach(s=>{U(s.scale)});for(let s in e.scales)U(s);let _=M[P],$=_.distr,
A,K;_.ori==0?(ht(p,Wu),A=r,K=u):(ht(p,Iu),A=u,K=r);let W={};for(let s in M){let a=M[s];(a.min!=null||a.max!=null)&&(W[s]={min:a.min,max:a.max},a.min=a.max=null)}
let oe=e.tzDate||(s=>new Date(Ie(s/B))),O=e.fmtDate||Ss,st=B==1?Wc(oe):Bc(oe),Se=ti(oe,ei(B==1?Oc:zc,O)),se=li(oe,ni(Yc,O)),pe=[],ee=l.legend=He({},jc,e.legend),
H=l.cursor=He({},Xc,{drag:{y:o==2}},e.cursor),Oe=ee.show,Xe=H.show,Me=ee.markers;ee.idxs=pe,Me.width=le(Me.width),Me.dash=le(Me.dash),Me.stroke=le(Me.stroke),Me.
fill=le(Me.fill);let fe,Lt,ct,Ce=[],Nt=[],jt,yt=!1,Xt={};if(ee.live){let s=S[1]?S[1].values:null;yt=s!=null,jt=yt?s(l,1,0):{_:0};for(let a in jt)Xt[a]=bs}if(Oe)
if(fe=Vt("table",Ju,p),ct=Vt("tbody",null,fe),ee.mount(l,fe),yt){Lt=Vt("thead",null,fe,ct);let s=Vt("tr",null,Lt);Vt("th",null,s);for(var Vn in jt)Vt("th",Rr,s).
textContent=Vn}else ht(fe,Qu),ee.live&&ht(fe,$u);let Pn={show:!0},hl={show:!1};function Kl(s,a){if(a==0&&(yt||!ee.live||o==2))return tl;let c=[],d=Vt("tr",Xu,ct,
ct.childNodes[a]);ht(d,s.class),s.show||ht(d,Sn);let m=Vt("th",null,d);if(Me.show){let x=Mt(ec,m);if(a>0){let T=Me.width(l,a);T&&(x.style.border=T+"px "+Me.dash(
l,a)+" "+Me.stroke(l,a)),x.style.background=Me.fill(l,a)}}let g=Mt(Rr,m);s.label instanceof HTMLElement?g.appendChild(s.label):g.textContent=s.label,a>0&&(Me.show||
(g.style.color=s.width>0?Me.stroke(l,a):Me.fill(l,a)),et("click",m,x=>{if(H._lock)return;wn(x);let T=S.indexOf(s);if((x.ctrlKey||x.metaKey)!=ee.isolate){let C=S.
some((E,R)=>R>0&&R!=T&&E.show);S.forEach((E,R)=>{R>0&&Wt(R,C?R==T?Pn:hl:Pn,!0,Ae.setSeries)})}else Wt(T,{show:!s.show},!0,Ae.setSeries)},!1),Fn&&et(Hr,m,x=>{H._lock||
(wn(x),Wt(S.indexOf(s),Zn,!0,Ae.setSeries))},!1));for(var y in jt){let x=Vt("td",tc,d);x.textContent="--",c.push(x)}return[d,c]}let dn=new Map;function et(s,a,c,d=!0){
let m=dn.get(a)||{},g=H.bind[s](l,a,c,d);g&&(Mn(s,a,m[s]=g),dn.set(a,m))}function An(s,a,c){let d=dn.get(a)||{};for(let m in d)(s==null||m==s)&&(cs(m,a,d[m]),delete d[m]);
s==null&&dn.delete(a)}let Ut=0,pn=0,J=0,D=0,be=0,We=0,Hn=be,mn=We,Ft=J,hn=D,ft=0,vt=0,rt=0,Ct=0;l.bbox={};let Ro=!1,jl=!1,Nn=!1,gn=!1,Ul=!1,xt=!1;function Vo(s,a,c){
(c||s!=l.width||a!=l.height)&&tr(s,a),Bn(!1),Nn=!0,jl=!0,Gn()}function tr(s,a){l.width=Ut=J=s,l.height=pn=D=a,be=We=0,fu(),du();let c=l.bbox;ft=c.left=Tn(be*ue,
.5),vt=c.top=Tn(We*ue,.5),rt=c.width=Tn(J*ue,.5),Ct=c.height=Tn(D*ue,.5)}let au=3;function uu(){let s=!1,a=0;for(;!s;){a++;let c=xu(a),d=Tu(a);s=a==au||c&&d,s||
(tr(l.width,l.height),jl=!0)}}function cu({width:s,height:a}){Vo(s,a)}l.setSize=cu;function fu(){let s=!1,a=!1,c=!1,d=!1;I.forEach((m,g)=>{if(m.show&&m._show){let{
side:y,_size:x}=m,T=y%2,C=m.label!=null?m.labelSize:0,E=x+C;E>0&&(T?(J-=E,y==3?(be+=E,d=!0):c=!0):(D-=E,y==0?(We+=E,s=!0):a=!0))}}),bn[0]=s,bn[1]=c,bn[2]=a,bn[3]=
d,J-=en[1]+en[3],be+=en[3],D-=en[2]+en[0],We+=en[0]}function du(){let s=be+J,a=We+D,c=be,d=We;function m(g,y){switch(g){case 1:return s+=y,s-y;case 2:return a+=
y,a-y;case 3:return c-=y,c+y;case 0:return d-=y,d+y}}I.forEach((g,y)=>{if(g.show&&g._show){let x=g.side;g._pos=m(x,g._size),g.label!=null&&(g._lpos=m(x,g.labelSize))}})}
if(H.dataIdx==null){let s=H.hover,a=s.skip=new Set(s.skip??[]);a.add(void 0);let c=s.prox=le(s.prox),d=s.bias??=0;H.dataIdx=(m,g,y,x)=>{if(g==0)return y;let T=y,
C=c(m,g,y,x)??he,E=C>=0&&C<he,R=_.ori==0?J:D,j=H.left,ae=t[0],re=t[g];if(a.has(re[y])){T=null;let te=null,Y=null,N;if(d==0||d==-1)for(N=y;te==null&&N-- >0;)a.has(
re[N])||(te=N);if(d==0||d==1)for(N=y;Y==null&&N++<re.length;)a.has(re[N])||(Y=N);if(te!=null||Y!=null)if(E){let Te=te==null?-1/0:A(ae[te],_,R,0),Re=Y==null?1/0:
A(ae[Y],_,R,0),je=j-Te,me=Re-j;je<=me?je<=C&&(T=te):me<=C&&(T=Y)}else T=Y==null?te:te==null?Y:y-te<=Y-y?te:Y}else E&&ze(j-A(ae[y],_,R,0))>C&&(T=null);return T}}
let wn=s=>{H.event=s};H.idxs=pe,H._lock=!1;let Qe=H.points;Qe.show=le(Qe.show),Qe.size=le(Qe.size),Qe.stroke=le(Qe.stroke),Qe.width=le(Qe.width),Qe.fill=le(Qe.fill);
let Ot=l.focus=He({},e.focus||{alpha:.3},H.focus),Fn=Ot.prox>=0,On=Fn&&Qe.one,Tt=[],Wn=[],In=[];function nr(s,a){let c=Qe.show(l,a);if(c instanceof HTMLElement)
return ht(c,Zu),ht(c,s.class),Gt(c,-10,-10,J,D),k.insertBefore(c,Tt[a]),c}function lr(s,a){if(o==1||a>0){let c=o==1&&M[s.scale].time,d=s.value;s.value=c?Jr(d)?li(
oe,ni(d,O)):d||se:d||cf,s.label=s.label||(c?tf:ef)}if(On||a>0){s.width=s.width==null?1:s.width,s.paths=s.paths||Sf||pc,s.fillTo=le(s.fillTo||hf),s.pxAlign=+ie(s.
pxAlign,V),s.pxRound=di(s.pxAlign),s.stroke=le(s.stroke||null),s.fill=le(s.fill||null),s._stroke=s._fill=s._paths=s._focus=null;let c=ff(ot(1,s.width),1),d=s.points=
He({},{size:c,width:ot(1,c*.2),stroke:s.stroke,space:c*2,paths:Mf,_stroke:null,_fill:null},s.points);d.show=le(d.show),d.filter=le(d.filter),d.fill=le(d.fill),d.
stroke=le(d.stroke),d.paths=le(d.paths),d.pxAlign=s.pxAlign}if(Oe){let c=Kl(s,a);Ce.splice(a,0,c[0]),Nt.splice(a,0,c[1]),ee.values.push(null)}if(Xe){pe.splice(a,
0,null);let c=null;On?a==0&&(c=nr(s,a)):a>0&&(c=nr(s,a)),Tt.splice(a,0,c),Wn.splice(a,0,0),In.splice(a,0,0)}Ke("addSeries",a)}function pu(s,a){a=a??S.length,s=o==
1?gs(s,a,si,ci):gs(s,a,{},ui),S.splice(a,0,s),lr(S[a],a)}l.addSeries=pu;function mu(s){if(S.splice(s,1),Oe){ee.values.splice(s,1),Nt.splice(s,1);let a=Ce.splice(
s,1)[0];An(null,a.firstChild),a.remove()}Xe&&(pe.splice(s,1),Tt.splice(s,1)[0].remove(),Wn.splice(s,1),In.splice(s,1)),Ke("delSeries",s)}l.delSeries=mu;let bn=[
!1,!1,!1,!1];function hu(s,a){if(s._show=s.show,s.show){let c=s.side%2,d=M[s.scale];d==null&&(s.scale=c?S[1].scale:P,d=M[s.scale]);let m=d.time;s.size=le(s.size),
s.space=le(s.space),s.rotate=le(s.rotate),sn(s.incrs)&&s.incrs.forEach(y=>{!rn.has(y)&&rn.set(y,Mi(y))}),s.incrs=le(s.incrs||(d.distr==2?Hc:m?B==1?Fc:Ic:kn)),s.
splits=le(s.splits||(m&&d.distr==1?st:d.distr==3?ds:d.distr==4?of:lf)),s.stroke=le(s.stroke),s.grid.stroke=le(s.grid.stroke),s.ticks.stroke=le(s.ticks.stroke),s.
border.stroke=le(s.border.stroke);let g=s.values;s.values=sn(g)&&!sn(g[0])?le(g):m?sn(g)?ti(oe,ei(g,O)):Jr(g)?Gc(oe,g):g||Se:g||nf,s.filter=le(s.filter||(d.distr>=
3&&d.log==10?af:d.distr==3&&d.log==2?uf:ki)),s.font=gi(s.font),s.labelFont=gi(s.labelFont),s._size=s.size(l,null,a,0),s._space=s._rotate=s._incrs=s._found=s._splits=
s._values=null,s._size>0&&(bn[a]=!0,s._el=Mt(qu,w))}}function gl(s,a,c,d){let[m,g,y,x]=c,T=a%2,C=0;return T==0&&(x||g)&&(C=a==0&&!m||a==2&&!y?Ie(oi.size/3):0),T==
1&&(m||y)&&(C=a==1&&!g||a==3&&!x?Ie(ii.size/2):0),C}let or=l.padding=(e.padding||[gl,gl,gl,gl]).map(s=>le(ie(s,gl))),en=l._padding=or.map((s,a)=>s(l,a,bn,0)),Ze,
Be=null,Ge=null,Zl=o==1?S[0].idxs:null,Et=null,wl=!1;function sr(s,a){if(t=s??[],l.data=l._data=t,o==2){Ze=0;for(let c=1;c<S.length;c++)Ze+=t[c][0].length}else{
t.length==0&&(l.data=l._data=t=[[]]),Et=t[0],Ze=Et.length;let c=t;if($==2){c=t.slice();let d=c[0]=Array(Ze);for(let m=0;m<Ze;m++)d[m]=m}l._data=t=c}if(Bn(!0),Ke(
"setData"),$==2&&(Nn=!0),a!==!1){let c=_;c.auto(l,wl)?Po():nn(P,c.min,c.max),gn=gn||H.left>=0,xt=!0,Gn()}}l.setData=sr;function Po(){wl=!0;let s,a;o==1&&(Ze>0?(Be=
Zl[0]=0,Ge=Zl[1]=Ze-1,s=t[0][Be],a=t[0][Ge],$==2?(s=Be,a=Ge):s==a&&($==3?[s,a]=co(s,s,_.log,!1):$==4?[s,a]=vs(s,s,_.log,!1):_.time?a=s+Ie(86400/B):[s,a]=io(s,a,
xs,!0))):(Be=Zl[0]=s=null,Ge=Zl[1]=a=null)),nn(P,s,a)}let Jl,zn,Ao,Ho,No,Fo,Oo,Wo,Io,it;function rr(s,a,c,d,m,g){s??=Pr,c??=ks,d??="butt",m??=Pr,g??="round",s!=
Jl&&(h.strokeStyle=Jl=s),m!=zn&&(h.fillStyle=zn=m),a!=Ao&&(h.lineWidth=Ao=a),g!=No&&(h.lineJoin=No=g),d!=Fo&&(h.lineCap=Fo=d),c!=Ho&&h.setLineDash(Ho=c)}function ir(s,a,c,d){
a!=zn&&(h.fillStyle=zn=a),s!=Oo&&(h.font=Oo=s),c!=Wo&&(h.textAlign=Wo=c),d!=Io&&(h.textBaseline=Io=d)}function zo(s,a,c,d,m=0){if(d.length>0&&s.auto(l,wl)&&(a==
null||a.min==null)){let g=ie(Be,0),y=ie(Ge,d.length-1),x=c.min==null?ic(d,g,y,m,s.distr==3):[c.min,c.max];s.min=At(s.min,c.min=x[0]),s.max=ot(s.max,c.max=x[1])}}
let ar={min:null,max:null};function gu(){for(let d in M){let m=M[d];W[d]==null&&(m.min==null||W[P]!=null&&m.auto(l,wl))&&(W[d]=ar)}for(let d in M){let m=M[d];W[d]==
null&&m.from!=null&&W[m.from]!=null&&(W[d]=ar)}W[P]!=null&&Bn(!0);let s={};for(let d in W){let m=W[d];if(m!=null){let g=s[d]=nl(M[d],gc);if(m.min!=null)He(g,m);else if(d!=
P||o==2)if(Ze==0&&g.from==null){let y=g.range(l,null,null,d);g.min=y[0],g.max=y[1]}else g.min=he,g.max=-he}}if(Ze>0){S.forEach((d,m)=>{if(o==1){let g=d.scale,y=W[g];
if(y==null)return;let x=s[g];if(m==0){let T=x.range(l,x.min,x.max,g);x.min=T[0],x.max=T[1],Be=Pt(x.min,t[0]),Ge=Pt(x.max,t[0]),Ge-Be>1&&(t[0][Be]<x.min&&Be++,t[0][Ge]>
x.max&&Ge--),d.min=Et[Be],d.max=Et[Ge]}else d.show&&d.auto&&zo(x,y,d,t[m],d.sorted);d.idxs[0]=Be,d.idxs[1]=Ge}else if(m>0&&d.show&&d.auto){let[g,y]=d.facets,x=g.
scale,T=y.scale,[C,E]=t[m],R=s[x],j=s[T];R!=null&&zo(R,W[x],g,C,g.sorted),j!=null&&zo(j,W[T],y,E,y.sorted),d.min=y.min,d.max=y.max}});for(let d in s){let m=s[d],
g=W[d];if(m.from==null&&(g==null||g.min==null)){let y=m.range(l,m.min==he?null:m.min,m.max==-he?null:m.max,d);m.min=y[0],m.max=y[1]}}}for(let d in s){let m=s[d];
if(m.from!=null){let g=s[m.from];if(g.min==null)m.min=m.max=null;else{let y=m.range(l,g.min,g.max,d);m.min=y[0],m.max=y[1]}}}let a={},c=!1;for(let d in s){let m=s[d],
g=M[d];if(g.min!=m.min||g.max!=m.max){g.min=m.min,g.max=m.max;let y=g.distr;g._min=y==3?Jt(g.min):y==4?ls(g.min,g.asinh):y==100?g.fwd(g.min):g.min,g._max=y==3?Jt(
g.max):y==4?ls(g.max,g.asinh):y==100?g.fwd(g.max):g.max,a[d]=c=!0}}if(c){S.forEach((d,m)=>{o==2?m>0&&a.y&&(d._paths=null):a[d.scale]&&(d._paths=null)});for(let d in a)
Nn=!0,Ke("setScale",d);Xe&&H.left>=0&&(gn=xt=!0)}for(let d in W)W[d]=null}function wu(s){let a=fs(Be-1,0,Ze-1),c=fs(Ge+1,0,Ze-1);for(;s[a]==null&&a>0;)a--;for(;s[c]==
null&&c<Ze-1;)c++;return[a,c]}function bu(){if(Ze>0){let s=S.some(a=>a._focus)&&it!=Ot.alpha;s&&(h.globalAlpha=it=Ot.alpha),S.forEach((a,c)=>{if(c>0&&a.show&&(ur(
c,!1),ur(c,!0),a._paths==null)){let d=it;it!=a.alpha&&(h.globalAlpha=it=a.alpha);let m=o==2?[0,t[c][0].length-1]:wu(t[c]);a._paths=a.paths(l,c,m[0],m[1]),it!=d&&
(h.globalAlpha=it=d)}}),S.forEach((a,c)=>{if(c>0&&a.show){let d=it;it!=a.alpha&&(h.globalAlpha=it=a.alpha),a._paths!=null&&cr(c,!1);{let m=a._paths!=null?a._paths.
gaps:null,g=a.points.show(l,c,Be,Ge,m),y=a.points.filter(l,c,g,m);(g||y)&&(a.points._paths=a.points.paths(l,c,Be,Ge,y),cr(c,!0))}it!=d&&(h.globalAlpha=it=d),Ke(
"drawSeries",c)}}),s&&(h.globalAlpha=it=1)}}function ur(s,a){let c=a?S[s].points:S[s];c._stroke=c.stroke(l,s),c._fill=c.fill(l,s)}function cr(s,a){let c=a?S[s].
points:S[s],{stroke:d,fill:m,clip:g,flags:y,_stroke:x=c._stroke,_fill:T=c._fill,_width:C=c.width}=c._paths;C=ge(C*ue,3);let E=null,R=C%2/2;a&&T==null&&(T=C>0?"#\
fff":x);let j=c.pxAlign==1&&R>0;if(j&&h.translate(R,R),!a){let ae=ft-C/2,re=vt-C/2,te=rt+C,Y=Ct+C;E=new Path2D,E.rect(ae,re,te,Y)}a?Bo(x,C,c.dash,c.cap,T,d,m,y,
g):yu(s,x,C,c.dash,c.cap,T,d,m,y,E,g),j&&h.translate(-R,-R)}function yu(s,a,c,d,m,g,y,x,T,C,E){let R=!1;T!=0&&Q.forEach((j,ae)=>{if(j.series[0]==s){let re=S[j.series[1]],
te=t[j.series[1]],Y=(re._paths||Cl).band;sn(Y)&&(Y=j.dir==1?Y[0]:Y[1]);let N,Te=null;re.show&&Y&&uc(te,Be,Ge)?(Te=j.fill(l,ae)||g,N=re._paths.clip):Y=null,Bo(a,
c,d,m,Te,y,x,T,C,E,N,Y),R=!0}}),R||Bo(a,c,d,m,g,y,x,T,C,E)}let fr=ll|ms;function Bo(s,a,c,d,m,g,y,x,T,C,E,R){rr(s,a,c,d,m),(T||C||R)&&(h.save(),T&&h.clip(T),C&&
h.clip(C)),R?(x&fr)==fr?(h.clip(R),E&&h.clip(E),Ql(m,y),$l(s,g,a)):x&ms?(Ql(m,y),h.clip(R),$l(s,g,a)):x&ll&&(h.save(),h.clip(R),E&&h.clip(E),Ql(m,y),h.restore(),
$l(s,g,a)):(Ql(m,y),$l(s,g,a)),(T||C||R)&&h.restore()}function $l(s,a,c){c>0&&(a instanceof Map?a.forEach((d,m)=>{h.strokeStyle=Jl=m,h.stroke(d)}):a!=null&&s&&h.
stroke(a))}function Ql(s,a){a instanceof Map?a.forEach((c,d)=>{h.fillStyle=zn=d,h.fill(c)}):a!=null&&s&&h.fill(a)}function vu(s,a,c,d){let m=I[s],g;if(d<=0)g=[0,
0];else{let y=m._space=m.space(l,s,a,c,d),x=m._incrs=m.incrs(l,s,a,c,d,y);g=Rf(a,c,x,d,y)}return m._found=g}function Go(s,a,c,d,m,g,y,x,T,C){let E=y%2/2;V==1&&h.
translate(E,E),rr(x,y,T,C,x),h.beginPath();let R,j,ae,re,te=m+(d==0||d==3?-g:g);c==0?(j=m,re=te):(R=m,ae=te);for(let Y=0;Y<s.length;Y++)a[Y]!=null&&(c==0?R=ae=s[Y]:
j=re=s[Y],h.moveTo(R,j),h.lineTo(ae,re));h.stroke(),V==1&&h.translate(-E,-E)}function xu(s){let a=!0;return I.forEach((c,d)=>{if(!c.show)return;let m=M[c.scale];
if(m.min==null){c._show&&(a=!1,c._show=!1,Bn(!1));return}else c._show||(a=!1,c._show=!0,Bn(!1));let g=c.side,y=g%2,{min:x,max:T}=m,[C,E]=vu(d,x,T,y==0?J:D);if(E==
0)return;let R=m.distr==2,j=c._splits=c.splits(l,d,x,T,C,E,R),ae=m.distr==2?j.map(N=>Et[N]):j,re=m.distr==2?Et[j[1]]-Et[j[0]]:C,te=c._values=c.values(l,c.filter(
l,ae,d,E,re),d,E,re);c._rotate=g==2?c.rotate(l,te,d,E):0;let Y=c._size;c._size=_t(c.size(l,te,d,s)),Y!=null&&c._size!=Y&&(a=!1)}),a}function Tu(s){let a=!0;return or.
forEach((c,d)=>{let m=c(l,d,bn,s);m!=en[d]&&(a=!1),en[d]=m}),a}function ku(){for(let s=0;s<I.length;s++){let a=I[s];if(!a.show||!a._show)continue;let c=a.side,d=c%
2,m,g,y=a.stroke(l,s),x=c==0||c==3?-1:1,[T,C]=a._found;if(a.label!=null){let nt=a.labelGap*x,mt=Ie((a._lpos+nt)*ue);ir(a.labelFont[0],y,"center",c==2?"top":Vr),
h.save(),d==1?(m=g=0,h.translate(mt,Ie(vt+Ct/2)),h.rotate((c==3?-so:so)/2)):(m=Ie(ft+rt/2),g=mt);let xn=xi(a.label)?a.label(l,s,T,C):a.label;h.fillText(xn,m,g),
h.restore()}if(C==0)continue;let E=M[a.scale],R=d==0?rt:Ct,j=d==0?ft:vt,ae=a._splits,re=E.distr==2?ae.map(nt=>Et[nt]):ae,te=E.distr==2?Et[ae[1]]-Et[ae[0]]:T,Y=a.
ticks,N=a.border,Te=Y.show?Y.size:0,Re=Ie(Te*ue),je=Ie((a.alignTo==2?a._size-Te-a.gap:a.gap)*ue),me=a._rotate*-so/180,Ve=z(a._pos*ue),dt=(Re+je)*x,tt=Ve+dt;g=d==
0?tt:0,m=d==1?tt:0;let kt=a.font[0],Dt=a.align==1?$n:a.align==2?es:me>0?$n:me<0?es:d==0?"center":c==3?es:$n,zt=me||d==1?"middle":c==2?"top":Vr;ir(kt,y,Dt,zt);let pt=a.
font[1]*a.lineGap,St=ae.map(nt=>z(i(nt,E,R,j))),Rt=a._values;for(let nt=0;nt<Rt.length;nt++){let mt=Rt[nt];if(mt!=null){d==0?m=St[nt]:g=St[nt],mt=""+mt;let xn=mt.
indexOf(`
`)==-1?[mt]:mt.split(/\n/gm);for(let lt=0;lt<xn.length;lt++){let Dr=xn[lt];me?(h.save(),h.translate(m,g+lt*pt),h.rotate(me),h.fillText(Dr,0,0),h.restore()):h.fillText(
Dr,m,g+lt*pt)}}}Y.show&&Go(St,Y.filter(l,re,s,C,te),d,c,Ve,Re,ge(Y.width*ue,3),Y.stroke(l,s),Y.dash,Y.cap);let Bt=a.grid;Bt.show&&Go(St,Bt.filter(l,re,s,C,te),d,
d==0?2:1,d==0?vt:ft,d==0?Ct:rt,ge(Bt.width*ue,3),Bt.stroke(l,s),Bt.dash,Bt.cap),N.show&&Go([Ve],[1],d==0?1:0,d==0?1:2,d==1?vt:ft,d==1?Ct:rt,ge(N.width*ue,3),N.stroke(
l,s),N.dash,N.cap)}Ke("drawAxes")}function Bn(s){S.forEach((a,c)=>{c>0&&(a._paths=null,s&&(o==1?(a.min=null,a.max=null):a.facets.forEach(d=>{d.min=null,d.max=null})))})}
let Xl=!1,Yo=!1,bl=[];function Su(){Yo=!1;for(let s=0;s<bl.length;s++)Ke(...bl[s]);bl.length=0}function Gn(){Xl||(kc(dr),Xl=!0)}function Mu(s,a=!1){Xl=!0,Yo=a,s(
l),dr(),a&&bl.length>0&&queueMicrotask(Su)}l.batch=Mu;function dr(){if(Ro&&(gu(),Ro=!1),Nn&&(uu(),Nn=!1),jl){if(ke(L,$n,be),ke(L,"top",We),ke(L,Sl,J),ke(L,Ml,D),
ke(k,$n,be),ke(k,"top",We),ke(k,Sl,J),ke(k,Ml,D),ke(w,Sl,Ut),ke(w,Ml,pn),b.width=Ie(Ut*ue),b.height=Ie(pn*ue),I.forEach(({_el:s,_show:a,_size:c,_pos:d,side:m})=>{
if(s!=null)if(a){let g=m===3||m===0?c:0,y=m%2==1;ke(s,y?"left":"top",d-g),ke(s,y?"width":"height",c),ke(s,y?"top":"left",y?We:be),ke(s,y?"height":"width",y?D:J),
us(s,Sn)}else ht(s,Sn)}),Jl=zn=Ao=No=Fo=Oo=Wo=Io=Ho=null,it=1,xl(!0),be!=Hn||We!=mn||J!=Ft||D!=hn){Bn(!1);let s=J/Ft,a=D/hn;if(Xe&&!gn&&H.left>=0){H.left*=s,H.top*=
a,Yn&&Gt(Yn,Ie(H.left),0,J,D),qn&&Gt(qn,0,Ie(H.top),J,D);for(let c=0;c<Tt.length;c++){let d=Tt[c];d!=null&&(Wn[c]*=s,In[c]*=a,Gt(d,_t(Wn[c]),_t(In[c]),J,D))}}if(xe.
show&&!Ul&&xe.left>=0&&xe.width>0){xe.left*=s,xe.width*=s,xe.top*=a,xe.height*=a;for(let c in Jo)ke(Un,c,xe[c])}Hn=be,mn=We,Ft=J,hn=D}Ke("setSize"),jl=!1}Ut>0&&
pn>0&&(h.clearRect(0,0,b.width,b.height),Ke("drawClear"),Z.forEach(s=>s()),Ke("draw")),xe.show&&Ul&&(eo(xe),Ul=!1),Xe&&gn&&(vn(null,!0,!1),gn=!1),ee.show&&ee.live&&
xt&&(Uo(),xt=!1),f||(f=!0,l.status=1,Ke("ready")),wl=!1,Xl=!1}l.redraw=(s,a)=>{Nn=a||!1,s!==!1?nn(P,_.min,_.max):Gn()};function qo(s,a){let c=M[s];if(c.from==null){
if(Ze==0){let d=c.range(l,a.min,a.max,s);a.min=d[0],a.max=d[1]}if(a.min>a.max){let d=a.min;a.min=a.max,a.max=d}if(Ze>1&&a.min!=null&&a.max!=null&&a.max-a.min<1e-16)
return;s==P&&c.distr==2&&Ze>0&&(a.min=Pt(a.min,t[0]),a.max=Pt(a.max,t[0]),a.min==a.max&&a.max++),W[s]=a,Ro=!0,Gn()}}l.setScale=qo;let Ko,jo,Yn,qn,pr,mr,Kn,jn,hr,
gr,ve,_e,tn=!1,Je=H.drag,Ye=Je.x,qe=Je.y;Xe&&(H.x&&(Ko=Mt(ju,k)),H.y&&(jo=Mt(Uu,k)),_.ori==0?(Yn=Ko,qn=jo):(Yn=jo,qn=Ko),ve=H.left,_e=H.top);let xe=l.select=He(
{show:!0,over:!0,left:0,width:0,top:0,height:0},e.select),Un=xe.show?Mt(Ku,xe.over?k:L):null;function eo(s,a){if(xe.show){for(let c in s)xe[c]=s[c],c in Jo&&ke(
Un,c,s[c]);a!==!1&&Ke("setSelect")}}l.setSelect=eo;function _u(s){if(S[s].show)Oe&&us(Ce[s],Sn);else if(Oe&&ht(Ce[s],Sn),Xe){let c=On?Tt[0]:Tt[s];c!=null&&Gt(c,
-10,-10,J,D)}}function nn(s,a,c){qo(s,{min:a,max:c})}function Wt(s,a,c,d){a.focus!=null&&Ru(s),a.show!=null&&S.forEach((m,g)=>{g>0&&(s==g||s==null)&&(m.show=a.show,
_u(g),o==2?(nn(m.facets[0].scale,null,null),nn(m.facets[1].scale,null,null)):nn(m.scale,null,null),Gn())}),c!==!1&&Ke("setSeries",s,a),d&&Tl("setSeries",l,s,a)}
l.setSeries=Wt;function Lu(s,a){He(Q[s],a)}function Cu(s,a){s.fill=le(s.fill||null),s.dir=ie(s.dir,-1),a=a??Q.length,Q.splice(a,0,s)}function Eu(s){s==null?Q.length=
0:Q.splice(s,1)}l.addBand=Cu,l.setBand=Lu,l.delBand=Eu;function Du(s,a){S[s].alpha=a,Xe&&Tt[s]!=null&&(Tt[s].style.opacity=a),Oe&&Ce[s]&&(Ce[s].style.opacity=a)}
let Zt,ln,yn,Zn={focus:!0};function Ru(s){if(s!=yn){let a=s==null,c=Ot.alpha!=1;S.forEach((d,m)=>{if(o==1||m>0){let g=a||m==0||m==s;d._focus=a?null:g,c&&Du(m,g?
1:Ot.alpha)}}),yn=s,c&&Gn()}}Oe&&Fn&&et(Nr,fe,s=>{H._lock||(wn(s),yn!=null&&Wt(null,Zn,!0,Ae.setSeries))});function It(s,a,c){let d=M[a];c&&(s=s/ue-(d.ori==1?We:
be));let m=J;d.ori==1&&(m=D,s=m-s),d.dir==-1&&(s=m-s);let g=d._min,y=d._max,x=s/m,T=g+(y-g)*x,C=d.distr;return C==3?el(10,T):C==4?fc(T,d.asinh):C==100?d.bwd(T):
T}function Vu(s,a){let c=It(s,P,a);return Pt(c,t[0],Be,Ge)}l.valToIdx=s=>Pt(s,t[0]),l.posToIdx=Vu,l.posToVal=It,l.valToPos=(s,a,c)=>M[a].ori==0?r(s,M[a],c?rt:J,
c?ft:0):u(s,M[a],c?Ct:D,c?vt:0),l.setCursor=(s,a,c)=>{ve=s.left,_e=s.top,vn(null,a,c)};function wr(s,a){ke(Un,$n,xe.left=s),ke(Un,Sl,xe.width=a)}function br(s,a){
ke(Un,"top",xe.top=s),ke(Un,Ml,xe.height=a)}let yl=_.ori==0?wr:br,vl=_.ori==1?wr:br;function Pu(){if(Oe&&ee.live)for(let s=o==2?1:0;s<S.length;s++){if(s==0&&yt)
continue;let a=ee.values[s],c=0;for(let d in a)Nt[s][c++].firstChild.nodeValue=a[d]}}function Uo(s,a){if(s!=null&&(s.idxs?s.idxs.forEach((c,d)=>{pe[d]=c}):hc(s.
idx)||pe.fill(s.idx),ee.idx=pe[0]),Oe&&ee.live){for(let c=0;c<S.length;c++)(c>0||o==1&&!yt)&&Au(c,pe[c]);Pu()}xt=!1,a!==!1&&Ke("setLegend")}l.setLegend=Uo;function Au(s,a){
let c=S[s],d=s==0&&$==2?Et:t[s],m;yt?m=c.values(l,s,a)??Xt:(m=c.value(l,a==null?null:d[a],s,a),m=m==null?Xt:{_:m}),ee.values[s]=m}function vn(s,a,c){hr=ve,gr=_e,
[ve,_e]=H.move(l,ve,_e),H.left=ve,H.top=_e,Xe&&(Yn&&Gt(Yn,Ie(ve),0,J,D),qn&&Gt(qn,0,Ie(_e),J,D));let d,m=Be>Ge;Zt=he,ln=null;let g=_.ori==0?J:D,y=_.ori==1?J:D;if(ve<
0||Ze==0||m){d=H.idx=null;for(let x=0;x<S.length;x++){let T=Tt[x];T!=null&&Gt(T,-10,-10,J,D)}Fn&&Wt(null,Zn,!0,s==null&&Ae.setSeries),ee.live&&(pe.fill(d),xt=!0)}else{
let x,T,C;o==1&&(x=_.ori==0?ve:_e,T=It(x,P),d=H.idx=Pt(T,t[0],Be,Ge),C=A(t[0][d],_,g,0));let E=-10,R=-10,j=0,ae=0,re=!0,te="",Y="";for(let N=o==2?1:0;N<S.length;N++){
let Te=S[N],Re=pe[N],je=Re==null?null:o==1?t[N][Re]:t[N][1][Re],me=H.dataIdx(l,N,d,T),Ve=me==null?null:o==1?t[N][me]:t[N][1][me];if(xt=xt||Ve!=je||me!=Re,pe[N]=
me,N>0&&Te.show){let dt=me==null?-10:me==d?C:A(o==1?t[0][me]:t[N][0][me],_,g,0),tt=Ve==null?-10:K(Ve,o==1?M[Te.scale]:M[Te.facets[1].scale],y,0);if(Fn&&Ve!=null){
let kt=_.ori==1?ve:_e,Dt=ze(Ot.dist(l,N,me,tt,kt));if(Dt<Zt){let zt=Ot.bias;if(zt!=0){let pt=It(kt,Te.scale),St=Ve>=0?1:-1,Rt=pt>=0?1:-1;Rt==St&&(Rt==1?zt==1?Ve>=
pt:Ve<=pt:zt==1?Ve<=pt:Ve>=pt)&&(Zt=Dt,ln=N)}else Zt=Dt,ln=N}}if(xt||On){let kt,Dt;_.ori==0?(kt=dt,Dt=tt):(kt=tt,Dt=dt);let zt,pt,St,Rt,Bt,nt,mt=!0,xn=Qe.bbox;if(xn!=
null){mt=!1;let lt=xn(l,N);St=lt.left,Rt=lt.top,zt=lt.width,pt=lt.height}else St=kt,Rt=Dt,zt=pt=Qe.size(l,N);if(nt=Qe.fill(l,N),Bt=Qe.stroke(l,N),On)N==ln&&Zt<=
Ot.prox&&(E=St,R=Rt,j=zt,ae=pt,re=mt,te=nt,Y=Bt);else{let lt=Tt[N];lt!=null&&(Wn[N]=St,In[N]=Rt,Gr(lt,zt,pt,mt),zr(lt,nt,Bt),Gt(lt,_t(St),_t(Rt),J,D))}}}}if(On){
let N=Ot.prox,Te=yn==null?Zt<=N:Zt>N||ln!=yn;if(xt||Te){let Re=Tt[0];Re!=null&&(Wn[0]=E,In[0]=R,Gr(Re,j,ae,re),zr(Re,te,Y),Gt(Re,_t(E),_t(R),J,D))}}}if(xe.show&&
tn)if(s!=null){let[x,T]=Ae.scales,[C,E]=Ae.match,[R,j]=s.cursor.sync.scales,ae=s.cursor.drag;if(Ye=ae._x,qe=ae._y,Ye||qe){let{left:re,top:te,width:Y,height:N}=s.
select,Te=s.scales[R].ori,Re=s.posToVal,je,me,Ve,dt,tt,kt=x!=null&&C(x,R),Dt=T!=null&&E(T,j);kt&&Ye?(Te==0?(je=re,me=Y):(je=te,me=N),Ve=M[x],dt=A(Re(je,R),Ve,g,
0),tt=A(Re(je+me,R),Ve,g,0),yl(At(dt,tt),ze(tt-dt))):yl(0,g),Dt&&qe?(Te==1?(je=re,me=Y):(je=te,me=N),Ve=M[T],dt=K(Re(je,j),Ve,y,0),tt=K(Re(je+me,j),Ve,y,0),vl(At(
dt,tt),ze(tt-dt))):vl(0,y)}else $o()}else{let x=ze(hr-pr),T=ze(gr-mr);if(_.ori==1){let j=x;x=T,T=j}Ye=Je.x&&x>=Je.dist,qe=Je.y&&T>=Je.dist;let C=Je.uni;C!=null?
Ye&&qe&&(Ye=x>=C,qe=T>=C,!Ye&&!qe&&(T>x?qe=!0:Ye=!0)):Je.x&&Je.y&&(Ye||qe)&&(Ye=qe=!0);let E,R;Ye&&(_.ori==0?(E=Kn,R=ve):(E=jn,R=_e),yl(At(E,R),ze(R-E)),qe||vl(
0,y)),qe&&(_.ori==1?(E=Kn,R=ve):(E=jn,R=_e),vl(At(E,R),ze(R-E)),Ye||yl(0,g)),!Ye&&!qe&&(yl(0,0),vl(0,0))}if(Je._x=Ye,Je._y=qe,s==null){if(c){if(Er!=null){let[x,
T]=Ae.scales;Ae.values[0]=x!=null?It(_.ori==0?ve:_e,x):null,Ae.values[1]=T!=null?It(_.ori==1?ve:_e,T):null}Tl(ts,l,ve,_e,J,D,d)}if(Fn){let x=c&&Ae.setSeries,T=Ot.
prox;yn==null?Zt<=T&&Wt(ln,Zn,!0,x):Zt>T?Wt(null,Zn,!0,x):ln!=yn&&Wt(ln,Zn,!0,x)}}xt&&(ee.idx=d,Uo()),a!==!1&&Ke("setCursor")}let on=null;Object.defineProperty(
l,"rect",{get(){return on==null&&xl(!1),on}});function xl(s=!1){s?on=null:(on=k.getBoundingClientRect(),Ke("syncRect",on))}function yr(s,a,c,d,m,g,y){H._lock||tn&&
s!=null&&s.movementX==0&&s.movementY==0||(Zo(s,a,c,d,m,g,y,!1,s!=null),s!=null?vn(null,!0,!0):vn(a,!0,!1))}function Zo(s,a,c,d,m,g,y,x,T){if(on==null&&xl(!1),wn(
s),s!=null)c=s.clientX-on.left,d=s.clientY-on.top;else{if(c<0||d<0){ve=-10,_e=-10;return}let[C,E]=Ae.scales,R=a.cursor.sync,[j,ae]=R.values,[re,te]=R.scales,[Y,
N]=Ae.match,Te=a.axes[0].side%2==1,Re=_.ori==0?J:D,je=_.ori==1?J:D,me=Te?g:m,Ve=Te?m:g,dt=Te?d:c,tt=Te?c:d;if(re!=null?c=Y(C,re)?i(j,M[C],Re,0):-10:c=Re*(dt/me),
te!=null?d=N(E,te)?i(ae,M[E],je,0):-10:d=je*(tt/Ve),_.ori==1){let kt=c;c=d,d=kt}}T&&(a==null||a.cursor.event.type==ts)&&((c<=1||c>=J-1)&&(c=Tn(c,J)),(d<=1||d>=D-
1)&&(d=Tn(d,D))),x?(pr=c,mr=d,[Kn,jn]=H.move(l,c,d)):(ve=c,_e=d)}let Jo={width:0,height:0,left:0,top:0};function $o(){eo(Jo,!1)}let vr,xr,Tr,kr;function Sr(s,a,c,d,m,g,y){
tn=!0,Ye=qe=Je._x=Je._y=!1,Zo(s,a,c,d,m,g,y,!0,!1),s!=null&&(et(ns,is,Mr,!1),Tl(Ar,l,Kn,jn,J,D,null));let{left:x,top:T,width:C,height:E}=xe;vr=x,xr=T,Tr=C,kr=E}
function Mr(s,a,c,d,m,g,y){tn=Je._x=Je._y=!1,Zo(s,a,c,d,m,g,y,!1,!0);let{left:x,top:T,width:C,height:E}=xe,R=C>0||E>0,j=vr!=x||xr!=T||Tr!=C||kr!=E;if(R&&j&&eo(xe),
Je.setScale&&R&&j){let ae=x,re=C,te=T,Y=E;if(_.ori==1&&(ae=T,re=E,te=x,Y=C),Ye&&nn(P,It(ae,P),It(ae+re,P)),qe)for(let N in M){let Te=M[N];N!=P&&Te.from==null&&Te.
min!=he&&nn(N,It(te+Y,N),It(te,N))}$o()}else H.lock&&(H._lock=!H._lock,vn(a,!0,s!=null));s!=null&&(An(ns,is),Tl(ns,l,ve,_e,J,D,null))}function Hu(s,a,c,d,m,g,y){
if(H._lock)return;wn(s);let x=tn;if(tn){let T=!0,C=!0,E=10,R,j;_.ori==0?(R=Ye,j=qe):(R=qe,j=Ye),R&&j&&(T=ve<=E||ve>=J-E,C=_e<=E||_e>=D-E),R&&T&&(ve=ve<Kn?0:J),j&&
C&&(_e=_e<jn?0:D),vn(null,!0,!0),tn=!1}ve=-10,_e=-10,pe.fill(null),vn(null,!0,!0),x&&(tn=x)}function _r(s,a,c,d,m,g,y){H._lock||(wn(s),Po(),$o(),s!=null&&Tl(Fr,
l,ve,_e,J,D,null))}function Lr(){I.forEach(Vf),Vo(l.width,l.height,!0)}Mn(ro,Xn,Lr);let Jn={};Jn.mousedown=Sr,Jn.mousemove=yr,Jn.mouseup=Mr,Jn.dblclick=_r,Jn.setSeries=
(s,a,c,d)=>{let m=Ae.match[2];c=m(l,a,c),c!=-1&&Wt(c,d,!0,!1)},Xe&&(et(Ar,k,Sr),et(ts,k,yr),et(Hr,k,s=>{wn(s),xl(!1)}),et(Nr,k,Hu),et(Fr,k,_r),hs.add(l),l.syncRect=
xl);let to=l.hooks=e.hooks||{};function Ke(s,a,c){Yo?bl.push([s,a,c]):s in to&&to[s].forEach(d=>{d.call(null,l,a,c)})}(e.plugins||[]).forEach(s=>{for(let a in s.
hooks)to[a]=(to[a]||[]).concat(s.hooks[a])});let Cr=(s,a,c)=>c,Ae=He({key:null,setSeries:!1,filters:{pub:Ur,sub:Ur},scales:[P,S[1]?S[1].scale:null],match:[Zr,Zr,
Cr],values:[null,null]},H.sync);Ae.match.length==2&&Ae.match.push(Cr),H.sync=Ae;let Er=Ae.key,Qo=qi(Er);function Tl(s,a,c,d,m,g,y){Ae.filters.pub(s,a,c,d,m,g,y)&&
Qo.pub(s,a,c,d,m,g,y)}Qo.sub(l);function Nu(s,a,c,d,m,g,y){Ae.filters.sub(s,a,c,d,m,g,y)&&Jn[s](null,a,c,d,m,g,y)}l.pub=Nu;function Fu(){Qo.unsub(l),hs.delete(l),
dn.clear(),cs(ro,Xn,Lr),p.remove(),fe?.remove(),Ke("destroy")}l.destroy=Fu;function Xo(){Ke("init",e,t),sr(t||e.data,!1),W[P]?qo(P,W[P]):Po(),Ul=xe.show&&(xe.width>
0||xe.height>0),gn=xt=!0,Vo(e.width,e.height)}return S.forEach(lr),I.forEach(hu),n?n instanceof HTMLElement?(n.appendChild(p),Xo()):n(l,Xo):Xo(),l}Ee.assign=He;
Ee.fmtNum=Ts;Ee.rangeNum=io;Ee.rangeLog=co;Ee.rangeAsinh=vs;Ee.orient=Ln;Ee.pxRatio=ue;Ee.join=Tc;Ee.fmtDate=Ss,Ee.tzDate=Pc;Ee.sync=qi;{Ee.addGap=gf,Ee.clipGaps=
mo;let e=Ee.paths={points:$i};e.linear=Xi,e.stepped=yf,e.bars=vf,e.spline=Tf}function F(e){let t=document.getElementById(e);if(!t)throw new Error("the page has no element "+e);return t}function v(e,t={},...n){let l=document.createElement(
e);for(let[o,r]of Object.entries(t))r==null||r===!1||l.setAttribute(o,r===!0?"":String(r));return l.append(...n.filter(o=>o!=null)),l}function il(e,t){for(let[n,
l]of Object.entries(t))e.addEventListener(n,l);return e}function an(e,t,n={}){return il(v("button",{type:"button",...n},e),{click:t})}function Cn(e,t,n,l=1){let o=i=>i>=
l?"number":null,r=(i,f)=>v("th",{scope:"col",class:o(f)},i),u=(i,f)=>v(f?"td":"th",{scope:f?null:"row",class:o(f)},i);return v("table",{},v("caption",{},e),t&&v(
"thead",{},v("tr",{},...t.map(r))),v("tbody",{},...n.map(i=>v("tr",{},...i.map(u)))))}function Qt(e,t,n=""){return v("div",{class:("scroll "+n).trim(),role:"reg\
ion",tabindex:"0","aria-label":e},t)}function Yt(e){return e.length?v("ul",{class:"lines"},...e.map(t=>v("li",{},t))):null}function Dl(e){return v("dl",{class:"\
facts-table"},...e.flatMap(([t,n])=>[v("dt",{},t),v("dd",{},n)]))}function q(e,t){e.textContent!==t&&(e.textContent=t)}var la=new WeakMap;function Le(e,t,n){let l=JSON.
stringify(t);la.get(e)!==l&&(la.set(e,l),e.replaceChildren(...n().filter(o=>o!=null)))}var oa=new WeakMap;function G(e,t,n="div",l={}){let o=oa.get(e)??new Map;
oa.set(e,o);let r=o.get(t);return r||(r=e.appendChild(v(n,l)),o.set(t,r)),r}function qt(e){q(F("spoken"),e)}var En=24,Rs=new Map,Rl=null,Vl=null;function Vs(){Rs=new Map,Rl=null,Vl=null}function Ne(e){let t=Rs.get(e);return t===void 0&&(t=getComputedStyle(document.documentElement).
getPropertyValue("--"+e).trim(),Rs.set(e,t)),t}function Pf(e,t,n){let l=(o,r)=>parseInt(o.slice(1+r*2,3+r*2),16);return"rgb("+[0,1,2].map(o=>Math.round(l(e,o)+(l(
t,o)-l(e,o))*n)).join(",")+")"}function Ps(){if(Rl)return Rl;let e=Ne("heat").split(/\s+/);return Rl=Array.from({length:En},(t,n)=>{let l=n/(En-1)*(e.length-1),
o=Math.min(e.length-2,Math.floor(l));return Pf(e[o],e[o+1],l-o)}),Rl}function Pl(e){let t=e.getContext("2d");if(!t)throw new Error("this browser draws on no can\
vas");return t}function sa(e){if(Vl)return Vl;let t=Math.round(8*Ee.pxRatio),n=v("canvas",{width:t,height:t}),l=Pl(n);l.strokeStyle=Ne("hatch"),l.lineWidth=Ee.pxRatio;
for(let o of[-t,0,t])l.beginPath(),l.moveTo(o,t),l.lineTo(o+t,0),l.stroke();return Vl=e.createPattern(n,"repeat"),Vl??Ne("hatch")}var As=new Intl.NumberFormat("en-US",{maximumFractionDigits:0}),ce=e=>typeof e=="number"&&Number.isFinite(e);function $e(e){return ce(e)?As.format(e):"–"}function we(e){
if(!ce(e))return"–";let t=Math.round(Math.abs(e)*1e6),n=1;for(;t/n>=1e3&&n<1e9;)n*=10;let l=Math.floor((t+Math.floor(n/2))/n)*n;if(l===0)return"0";let[o,r]=l<
1e3?[1,"ns"]:l<1e6?[1e3,"us"]:l<1e9?[1e6,"ms"]:[1e9,"s"];return(e<0?"-":"")+Number((l/o).toPrecision(12))+r}function at(e){if(!ce(e))return"–";let t=n=>(Math.
round(e*10**n)/10**n).toFixed(n);return(e>=1e4?As.format(Math.round(e)):t(e>=100?1:2))+"/s"}function bt(e){if(!ce(e))return"–";if(e<60)return Math.round(e*10)/
10+" s";let t=Math.round(e),[n,l,o]=[Math.floor(t/3600),Math.floor(t/60)%60,t%60];return[n?n+" h":"",l?l+" min":"",o?o+" s":""].filter(Boolean).join(" ")}function Ht(e,t){
if(t<=180)return Number(e.toFixed(1))+" s";let n=Math.round(e),[l,o,r]=[Math.floor(n/3600),Math.floor(n/60)%60,String(n%60).padStart(2,"0")];return l?l+":"+String(
o).padStart(2,"0")+":"+r:o+":"+r}function Al(e){if(e>=1)return"max";let t=Math.max(0,Math.min(6,Math.ceil(-Math.log10(1-e)-1e-9)-1));return Number((e*100).toFixed(
t))+"%"}function un(e){return e===0?"0":we(e)}function Hs(e){return Math.abs(e)>=999.5?As.format(e):String(Number(e.toPrecision(3)))}function ra(e){let t=["B","\
kB","MB","GB","TB"],n=0;for(;e>=999.5&&n<t.length-1;)e/=1e3,n+=1;return Hs(e)+" "+t[n]}function ia(e){let t=new Date(e);return Number.isNaN(t.getTime())?e:t.toISOString().
slice(0,19).replace("T"," ")+" UTC"}function Dn(e,t,n=t+"s"){return $e(e)+" "+(e===1?t:n)}var cn=e=>e.replaceAll("_"," ");function Hl(e){let{definition:t}=e;return t.alwaysLogarithmic||(e.logarithmic??!!t.log?.(e.facts,e.model))}var Af=e=>e.map(t=>ce(t)?t:null);function Nl(e){let t=e.
definition.x(e.facts,e.model);if(!e.definition.stacked)return[t,...e.lines.map(o=>Af(o.values))];let n=new Array(t.length).fill(null),l=[];for(let o of[...e.lines].
reverse()){for(let r=0;r<t.length;r+=1){let u=e.hidden.has(o.key)?null:o.values[r];ce(u)&&(n[r]=(n[r]??0)+u)}l.unshift(n.slice())}return[t,...l]}var aa=.001,Ns=e=>e.filter(ce),bo=e=>ce(e)?Math.max(e,aa):null;function ut(e){let t=null;for(let n of e)ce(n)&&(t===null||n>t)&&(t=n);return t}function al(e){let t=null;
for(let n of e)ce(n)&&(t===null||n<t)&&(t=n);return t}function fn(e){return Ns(e).reduce((t,n)=>t+n,0)}function ua(e,t){let{at:n,lengths:l}=e,o=n.length>1?n[1]-
n[0]:l[0]??1,r=n.length-1,u=b=>b.map((h,w)=>ce(h)?h/l[w]:null),i=e.whole.some(Boolean)?e.whole:null,f=b=>b.map((h,w)=>!i||i[w]?h:null),p=Object.keys(e.failures).
filter(b=>fn(e.failures[b])>0);return{at:n,step:o,end:n.length?n[r]+l[r]:0,kinds:p,middle:n.map((b,h)=>b+(h===r?o:l[h])/2),planned:e.planned&&f(u(e.planned)),sent:f(
u(e.sent)),completed:f(u(e.completed)),dropped:u(e.dropped),failures:Object.fromEntries(p.map(b=>[b,u(e.failures[b])])),p50:e.p50,p90:e.p90,p99:e.p99,p99_9:e.p99_9,
max:e.max,heat:t.seconds,edges:t.edges.map(b=>Math.max(b,aa))}}var Fl={from:null,to:0},ul=[];function yo(e){return Fl.from===null?[0,Math.max(e.facts.end,1)]:[Fl.from,Fl.to]}function Ol(e,t=0){Fl.from=e,Fl.to=t;for(let n of ul){
n.reset.hidden=e===null;let[l,o]=yo(n);n.uplot?.setScale("x",{min:l,max:o})}}function ca(e,t){let[n,l]=yo(e),o=e.uplot?.cursor.idx,r=ce(o)?e.facts.middle[o]:(n+
l)/2,u=(l-n)*t/2,i=Math.max(e.facts.end,1);if(u*2>=i)return Ol(null);if(u*2<e.facts.step*2)return;let f=Math.min(Math.max(0,r-u),i-u*2);Ol(f,f+u*2)}function Wl(e){
if(e.definition.overTime)return Ol(null);e.reset.hidden=!0,e.zoomed=null,e.uplot?.setData(e.uplot.data)}var Fs=200;function fa(e){if(e.legend.replaceChildren(),e.outputs=[],e.when=v("span",{class:"when"}),e.definition.legend){e.definition.legend(e);return}let{stacked:t}=e.
definition;for(let n of e.lines){let l=v("output"),o=v("span",{class:"swatch"+(t?" area":n.dash?n.dash[0]>3?" dash":" dot":""),"aria-hidden":"true"});o.style[t?
"background":"borderTopColor"]="var(--"+n.colour+")",e.outputs.push(l);let r=v("button",{type:"button","aria-pressed":String(!e.hidden.has(n.key)),title:"Show o\
r hide"},o,v("span",{},n.label),l);e.legend.append(il(r,{click:()=>Hf(e,n.key,r)}))}e.legend.append(e.when)}function Hf(e,t,n){e.hidden.has(t)?e.hidden.delete(t):
e.hidden.add(t),n.setAttribute("aria-pressed",String(!e.hidden.has(t))),e.definition.stacked?e.uplot?.setData(Nl(e)):e.uplot?.setSeries(e.lines.findIndex(l=>l.key===
t)+1,{show:!e.hidden.has(t)})}function da(e){let t=e.uplot?.cursor;return t&&ce(t.left)&&t.left>=0&&ce(t.idx)?t.idx:null}function Il(e){let t=da(e);q(e.when,t===
null?"":"at "+e.definition.place(e,t)),e.definition.readCursor?.(e,t);for(let[n,l]of e.outputs.entries())q(l,t===null?"":e.definition.format(e.lines[n].values[t]))}
function pa(e){if(!e.byKey)return;e.byKey=!1;let t=e.definition.overTime?ul:[e];for(let n of t)n.uplot?.setCursor({left:-10,top:-10})}function ma(e,t){if(!e.uplot||
t.ctrlKey||t.metaKey||t.altKey)return;let n=e.uplot.data[0],{min:l=-1/0,max:o=1/0}=e.uplot.scales.x,r=n.findIndex(b=>b>=l),u=n.length-1;for(;u>0&&n[u]>o;)u-=1;r<
0&&(r=0);let i=da(e),f=t.shiftKey?10:1,p={ArrowRight:i===null?r:i+f,ArrowLeft:i===null?u:i-f,Home:r,End:u};t.key in p?(t.preventDefault(),Nf(e,Math.min(u,Math.max(
r,p[t.key])))):e.definition.overTime&&(t.key==="+"||t.key==="-")?(t.preventDefault(),ca(e,t.key==="+"?.5:2)):(t.key==="0"||t.key==="Escape")&&Wl(e)}function Nf(e,t){
let n=e.uplot?.data[0][t]??0;for(let o of e.definition.overTime?ul:[e]){if(!o.uplot||o.figure.hidden)continue;let r=o.uplot.setCursor;r({left:o.uplot.valToPos(n,
"x"),top:o.uplot.over.clientHeight/2},!0,!1),Il(o)}e.byKey=!0;let l=e.definition.speak?e.definition.speak(e,t):e.lines.map(o=>o.label+" "+e.definition.format(o.
values[t])).join(", ");qt("At "+e.definition.place(e,t)+": "+l)}function Os(e){if(!e.details.open||!e.lines.length)return;let{columns:t,rows:n,note:l}=e.definition.
rows(e.facts,e.model,e.lines),o=Cn(e.definition.heading,t,n),r=e.tableHost.querySelector(".scroll"),u=r?[r.scrollLeft,r.scrollTop]:[0,0],i=r&&r===document.activeElement,
f=Qt(e.definition.heading+" as a table",o,"tall fit");e.tableHost.replaceChildren(...l?[v("p",{class:"muted"},l)]:[],f),[f.scrollLeft,f.scrollTop]=u,i&&f.focus(
{preventScroll:!0})}function vo(e,t,n,l){let o=Math.max(1,Math.ceil(e.at.length/Fs)),r=[];for(let f=0;f<e.at.length;f+=o){let p=t.map(({values:b})=>{let h=Ns(b.
slice(f,f+o));return h.length?n==="rate"?fn(h)/h.length:ut(h):null});r.push([Ht(e.at[f],e.end),...p.map(l)])}let u=bt(o*e.step),i=o*e.step>1?"Each row is "+u+(n===
"rate"?": the mean rate of that time.":": the highest value of that time."):null;return{columns:["from",...t.map(({label:f})=>f)],rows:r,note:i}}function xo(e,t){
return e.map(({label:n,values:l})=>{let[o,r]=[al(l),ut(l)];return o===null?n+" not known":o===r?n+" "+t(o):n+" "+t(o)+" to "+t(r)}).join("; ")+"."}function Ff(e,t){
let{at:n,step:l,end:o}=e.facts;return Ht(n[t],o)+(l>1?" to "+Ht(n[t]+l,o):"")}var cl={overTime:!0,x:e=>e.middle,labelX:"time since the start",place:Ff};function ha(e){let t=[];for(let n of[...e.model.missing].sort((l,o)=>l.from_s-o.from_s)){let l=t[t.length-1];l&&n.from_s<=l.to_s?l.to_s=Math.max(l.to_s,n.to_s):
t.push({from_s:n.from_s,to_s:n.to_s})}return t}function Ws(e,{from_s:t,to_s:n}){let{left:l,width:o}=e.bbox,r=Math.max(l,e.valToPos(t,"x",!0)),u=Math.min(l+o,e.valToPos(
n,"x",!0));return u>r?{begin:r,width:u-r}:null}function ga(e,t){let{ctx:n,bbox:l}=e,o=(r,u)=>{let i=Ws(e,r);if(i)for(let f of u)n.fillStyle=f(),n.fillRect(i.begin,
l.top,i.width,l.height)};n.save();for(let r of t.model.phases)r.measured||o(r,[()=>Ne("shade")]);for(let r of ha(t))o(r,[()=>Ne("hatch-ground"),()=>sa(n)]);n.restore()}
function wa(e,t){let{ctx:n,bbox:l}=e,o=Ee.pxRatio;n.save(),n.font=11*o+"px system-ui, sans-serif",n.textBaseline="middle",n.textAlign="left",t.definition.strip&&
Of(e,t,n,o);for(let r of ha(t)){let u=Ws(e,r),i=u&&ba(n,["a worker’s part is missing","part missing","missing"],u.width-10*o);i&&(n.fillStyle=Ne("panel"),n.fillRect(
u.begin+3*o,l.top+3*o,n.measureText(i).width+8*o,16*o),n.fillStyle=Ne("warn"),n.fillText(i,u.begin+7*o,l.top+11.5*o))}n.restore()}function Of(e,t,n,l){for(let o of t.
model.phases){let r=Ws(e,o);if(!r)continue;let u=e.bbox.top-17*l;n.fillStyle=Ne(o.measured?"busy-ground":"shade"),n.fillRect(r.begin+l/2,u,Math.max(l,r.width-l),
15*l);let i=o.text.split(" ")[0],f=o.measured?[o.text,i]:[o.text+", not measured",i+", not measured","not measured",i],p=ba(n,f.map(cn),r.width-8*l);n.fillStyle=
Ne(o.measured?"busy":"muted"),p&&n.fillText(p,r.begin+4*l,u+8*l)}}function ba(e,t,n){return t.find(l=>e.measureText(l).width<=n)??null}var De={ready:!1,charts:{},model:null,past:[],format:{count:$e,time:we,rate:at,duration:bt}};window.vajraPage=De;var To=document.body.dataset.live==="1";var ko=230,ya="12px system-ui, sans-serif",zl=new Map;function fl(e,t,n,l){let o=zl.get(t.key);return o||(o=Wf(e,t,n,l),zl.set(t.key,o)),zf(o,n,l)}function Wf(e,t,n,l){
let o=v("div"),r=v("div",{class:"plot",role:"img",tabindex:"0"}),u=v("details",{class:"data"},v("summary",{},"As a table"),o),i=v("div"),f=v("div",{class:"legen\
d",role:"group","aria-label":"Series of this chart"}),p=an("Reset zoom",()=>{Wl(w),r.focus()},{hidden:!0}),b=t.log?an("",()=>If(w)):null,h=v("figure",{class:"ch\
art",id:"chart-"+t.key},v("figcaption",{class:"chart-head"},v("h3",{},t.heading),v("span",{class:"muted"},t.hint)),v("div",{class:"chart-head"},f,v("div",{class:"\
tools"},b,p)),r,i,u),w={definition:t,figure:h,legend:f,plot:r,below:i,tableHost:o,details:u,reset:p,scale:b,facts:n,model:l,when:v("span",{class:"when"}),outputs:[],
hidden:new Set,uplot:null,lines:[],shape:"",logarithmic:null,zoomed:null,byKey:!1};return il(r,{keydown:L=>ma(w,L),blur:()=>pa(w)}),il(u,{toggle:()=>Os(w)}),e.append(
h),new ResizeObserver(()=>$f(w)).observe(r),t.overTime&&ul.push(w),w}function If(e){e.logarithmic=!Hl(e),Ta(e)}var xa=e=>JSON.stringify([e.lines.map(t=>t.key),Hl(
e)]);function zf(e,t,n){let{definition:l}=e,o=l.draw(t,n);return e.figure.hidden=o===null,o?(e.facts=t,e.model=n,e.lines=o,!e.uplot||e.shape!==xa(e)?Ta(e):(e.uplot.
setData(Nl(e)),Il(e)),e.plot.setAttribute("aria-label",l.describe(t,n)+" Arrow keys read the values."),l.below?.(e),e.details.open&&Os(e),!0):!1}function Ta(e){
e.shape=xa(e),e.uplot?.destroy(),e.scale&&q(e.scale,Hl(e)?"Linear scale":"Logarithmic scale"),fa(e);let t=new Ee(Bf(e),Nl(e),e.plot);e.uplot=t,De.charts[e.definition.
key]=t;for(let[n,l]of e.lines.entries())e.hidden.has(l.key)&&!e.definition.stacked&&t.setSeries(n+1,{show:!1});Il(e)}function Bf(e){let{definition:t}=e,n=Hl(e),
l=e.plot.clientWidth<480,o={stroke:()=>Ne("muted"),font:ya,labelFont:ya,grid:{stroke:()=>Ne("grid"),width:1},ticks:{stroke:()=>Ne("grid"),width:1,size:5}},r=(i,f)=>t.
overTime?yo(e):t.rangeX?.(e,i,f)??[i,f],u=(i,f)=>t.rangeY?.(e)??jf(i,f*(Kf(e)?1.2:1),n);return{width:e.plot.clientWidth||600,height:t.height??ko,padding:[t.strip?
20:10,26,0,0],legend:{show:!1},scales:{x:{time:!1,range:(i,f,p)=>r(f,p)},y:{auto:!0,distr:n?3:1,log:10,range:(i,f,p)=>u(f,p)}},axes:[{...o,label:t.labelX,labelSize:18,
size:30,gap:3,space:l?58:70,...t.overTime?Jf(e):t.axisX?.(e)},{...o,label:t.labelY,labelSize:18,size:l?55:60,gap:4,space:28,values:(i,f)=>f.map(t.tick),...n?{splits:(i,f,p,b)=>Zf(
p,b),filter:(i,f)=>f}:{}}],series:[{},...e.lines.map((i,f)=>Yf(e,i,f))],cursor:Gf(e),hooks:{drawClear:t.overTime?[i=>ga(i,e)]:[],drawAxes:t.paint?[i=>t.paint?.(
i,e)]:[],draw:t.overTime?[i=>wa(i,e)]:[],setCursor:[()=>Il(e)],setSelect:[i=>Qf(i,e)],ready:[Xf]}}}function Gf(e){let{definition:t}=e;return{y:!!t.cursorY,points:{
show:!t.stacked&&!t.cursorY,size:7},drag:{x:!0,y:!1,setScale:!1},bind:{dblclick:()=>()=>(Wl(e),null)},...t.overTime&&{sync:{key:"time",setSeries:!1,scales:["x",
null],filters:{pub:n=>n==="mousemove"||n==="mouseleave"}}}}}function Yf(e,t,n){let{definition:l}=e,o=()=>Ne(t.colour),r=l.points||e.facts.at.length<=45&&l.overTime,
u={label:t.label,stroke:o,width:t.width??1.6,dash:t.dash,spanGaps:!1};return l.stacked?{...u,fill:o,width:0,points:{show:!1},paths:Ee.paths.bars?.({size:[.92,40],
align:0})}:t.invisible?{...u,show:!0,paths:()=>null,points:{show:!1}}:{...u,points:{show:r&&!t.dash,size:4,fill:o,stroke:o,width:0,filter:r&&!t.dash?void 0:(i,f,p,b)=>qf(
e.lines[n].values,b)}}}function qf(e,t){if(e.length>1&&(!t||!t.length))return null;let n=[];for(let l=0;l<e.length;l+=1)ce(e[l])&&!ce(e[l-1])&&!ce(e[l+1])&&n.push(
l);return n.length?n:null}var Kf=e=>!!e.definition.overTime&&e.model.missing.length>0;function jf(e,t,n){return n?e>0?[va(e),Math.max(Uf(t),va(e)*10)]:[.1,10]:[
0,t>0?t*1.08:1]}function va(e){let t=10**Math.floor(Math.log10(e)+1e-9);return[5,2].map(n=>n*t).find(n=>n<=e*1.000001)??t}function Uf(e){let t=10**Math.floor(Math.
log10(e)+1e-9);return[1,2,5].map(n=>n*t).find(n=>n>=e*.999999)??t*10}function Zf(e,t){let l=Math.log10(t/e)<=3.4?[1,2,5]:[1],o=[];for(let r=Math.floor(Math.log10(
e));r<=Math.ceil(Math.log10(t));r+=1)for(let u of l){let i=u*10**r;i>=e*.999&&i<=t*1.001&&o.push(i)}return o}function Jf(e){return{incrs:[1,2,5,10,15,20,30,60,120,
300,600,900,1800,3600,7200],values:(t,n)=>n.map(l=>Ht(l,e.facts.end))}}function $f(e){let t=e.plot.clientWidth;!e.uplot||!t||t===e.uplot.width||e.uplot.setSize(
{width:t,height:e.definition.height??ko})}function Qf(e,t){if(e.select.width<5)return;let n=e.posToVal(e.select.left,"x"),l=e.posToVal(e.select.left+e.select.width,
"x");e.setSelect({left:0,top:0,width:0,height:0},!1),t.definition.overTime?l-n>=t.facts.step&&Ol(Math.max(0,n),l):(t.zoomed=[n,l],t.reset.hidden=!1,e.setScale("\
x",{min:n,max:l}))}function Xf(e){e.over.addEventListener("pointermove",t=>{if(t.pointerType!=="touch")return;let n=e.over.getBoundingClientRect();e.setCursor({
left:t.clientX-n.left,top:t.clientY-n.top})})}var Is={passed:"✓",crossed:"✗",incomplete:"!",unjudged:"–",running:"…"},So=e=>e.charAt(0).toUpperCase()+e.slice(1);function zs(e,t,n=!1){let l=e in Is;return v(
"span",{class:"badge"+(n?" small":"")+" "+(l?e:"running")},v("span",{"aria-hidden":"true"},l?Is[e]:"·"),So(t))}var Bs=e=>e.live!==null&&e.live.state!=="ended",
Gs=e=>e.started!==null;function ka(e){q(F("scenario"),e.scenario||"Load test"),q(F("run-line"),e.heading),To&&(document.title=So(e.verdict_word)+": "+e.scenario)}
function Sa(e){let t=F("verdict-body");Le(G(t,"line"),[e.verdict,e.summary],()=>[v("div",{class:"verdict-line"},zs(e.verdict,e.verdict_word),v("p",{},e.summary))]),
Le(G(t,"reasons"),e.reasons,()=>[Yt(e.reasons)]),Le(G(t,"limited"),e.limited,()=>ed(e));let n=G(t,"figures","dl",{class:"figures"});n.hidden=!e.figures.length,Ys(
n,e.figures),q(G(t,"percentiles","p",{class:"text"}),e.percentiles_of??""),q(G(t,"balance","p",{class:"text balance-line"}),e.balance_words.line),td(G(t,"thresh\
olds"),e.thresholds,Bs(e)?"Thresholds so far":"Thresholds"),Le(G(t,"notes"),e.notes,()=>e.notes.length?[v("h3",{},"Notes"),Yt(e.notes)]:[])}function ed({limited:e}){
if(!e)return[];let t=v("p",{},v("strong",{},e.title)," "+e.text);return[v("div",{class:"alert"},t,Yt(e.signs))]}function Ys(e,t){for(;e.children.length>t.length;)
e.lastChild?.remove();t.forEach((n,l)=>{let o=e.children[l]??e.appendChild(v("div",{},v("dt"),v("dd",{class:"value"}),v("dd",{class:"more"})));o.className!==n.tone&&
(o.className=n.tone),q(o.children[0],n.label),q(o.children[1],n.value),q(o.children[2],n.more)})}function td(e,t,n){if(!t.length)return Le(e,"none",()=>[v("p",{
class:"muted"},"The scenario has no thresholds.")]);let l=t.map(o=>[o.threshold,nd(o.word),o.word==="not met"?v("span",{class:"bad"},o.measured):o.measured,o.limit]);
return Le(e,[n,t],()=>[v("h3",{},n),Qt("Thresholds",Cn("Thresholds",["threshold","result","measured","limit"],l,2),"fit")])}function nd(e){let n={met:"passed","\
not met":"crossed"}[e],l=v("span",{"aria-hidden":"true"},n?Is[n]:"…");return v("span",{class:"badge small "+(n??"unjudged")},l,e)}var _a=new WeakMap;function La(e){let[t,n,l,o]=[0,1/0,0,0];for(let{series:u}of e)if(u){t=Math.max(t,ut(u.rate)??0),o=Math.max(o,u.from_s+u.rate.length*u.step_s);
for(let i of u.p99)ce(i)&&i>0&&(n=Math.min(n,i),l=Math.max(l,i))}let r=l/n>20;return{rate:t||1,low:r?n:0,high:l,logarithmic:r,end:o||1}}function Ca(e,t,n){_a.set(
e,{series:t,scale:n})}function dl(e){let t=_a.get(e),n=window.devicePixelRatio||1,[l,o]=[e.clientWidth,e.clientHeight];if(!l||!t)return;let{series:r,scale:u}=t;
e.width=Math.round(l*n),e.height=Math.round(o*n);let i=Pl(e);i.scale(n,n);let f=Math.round(o/2),p=k=>(r.from_s+(k+.5)*r.step_s)/u.end*l,b=k=>f-3-k/u.rate*(f-6),
h=k=>u.logarithmic?Math.log(k/u.low)/Math.log(u.high/u.low):k/u.high,w=k=>o-5-h(k)*(o-f-8);i.strokeStyle=Ne("grid"),i.strokeRect(.5,f-2.5,l,0),i.strokeRect(.5,o-
4.5,l,0),Ma(i,r.rate,p,b,Ne("completed"));let L=r.p99.map(k=>ce(k)&&k>0?k:null);Ma(i,L,p,w,Ne("p99")),i.fillStyle=Ne("light-bad"),r.failed.forEach((k,V)=>{k>0&&
i.fillRect(p(V)-1,o-3,2,3)})}function Ma(e,t,n,l,o){e.strokeStyle=e.fillStyle=o,e.lineWidth=1.4,e.beginPath();let r=!1;t.forEach((u,i)=>{if(!ce(u)){r=!1;return}
let[f,p]=[n(i),l(u)];r?e.lineTo(f,p):e.moveTo(f,p),!r&&!ce(t[i+1])&&e.rect(f-.5,p-.5,1,1),r=!0}),e.stroke()}var Ea=new WeakMap,Kt=class{node;body=v("tbody");head=v("thead");foot=v("tfoot");order={key:"",direction:1};columns=[];rows=[];extra={};signature="";constructor(t,n,l=""){
let o=v("table",{},v("caption",{},n),this.head,this.body,this.foot);this.node=Qt(n,o,l),t.append(this.node)}update(t,n,l={}){let o=t.map(i=>i.key).join(`
`);[this.columns,this.rows,this.extra]=[t,n,l],o!==this.signature&&this.drawHead(o);let r=this.sorted().slice(0,l.limit??n.length),u=Math.max(...r.map(i=>t[0].text(
i).length),4);for(this.node.style.setProperty("--name",Math.min(40,u)+2+"ch");this.body.rows.length>r.length;)this.body.deleteRow(-1);r.forEach((i,f)=>Da(this.body.
rows[f]??this.body.appendChild(v("tr")),t,i,l.mark?.(i)??!1)),l.total?Da(this.foot.rows[0]??this.foot.appendChild(v("tr")),t,l.total,!1):this.foot.replaceChildren()}drawHead(t){
let n=document.activeElement,l=n instanceof HTMLElement&&this.head.contains(n)?n.dataset.key:null;this.signature=t,this.body.replaceChildren(),this.foot.replaceChildren();
let o=r=>v("th",{scope:"col",class:"sortable"+(r.number?" number":"")+(r.minor?" minor":""),title:r.title,"data-label":r.label},an(r.label,()=>this.sortBy(r),{"\
data-key":r.key}));this.head.replaceChildren(v("tr",{},...this.columns.map(o))),this.showOrder();for(let r of this.head.querySelectorAll("button"))l&&r.dataset.
key===l&&r.focus({preventScroll:!0})}sortBy(t){let n=this.order.key===t.key?-this.order.direction:t.number?-1:1;this.order={key:t.key,direction:n},this.showOrder(),
this.update(this.columns,this.rows,this.extra),qt("Sorted by "+t.label+", "+(n>0?"ascending":"descending")+".")}showOrder(){for(let[t,n]of[...this.head.rows[0].
cells].entries())this.columns[t].key===this.order.key?n.setAttribute("aria-sort",this.order.direction>0?"ascending":"descending"):n.removeAttribute("aria-sort")}sorted(){
let t=this.columns.find(o=>o.key===this.order.key);if(!t)return this.rows;let n=t.value??t.text,{direction:l}=this.order;return[...this.rows].sort((o,r)=>{let[u,
i]=[n(o),n(r)],[f,p]=[u==null,i==null];return f||p?Number(f)-Number(p):typeof u=="number"&&typeof i=="number"?l*(u-i):l*String(u).localeCompare(String(i),"en",{
numeric:!0})})}};function Da(e,t,n,l){e.className=l?"odd":"",t.forEach((o,r)=>{let u=e.cells[r]??e.appendChild(v(r?"td":"th",r?{}:{scope:"row"})),f=[o.number&&"\
number",o.wide&&"wide",o.minor&&"minor",o.tone?.(n)].filter(Boolean).join(" ");u.className!==f&&(u.className=f);let p=o.text(n);if(!o.node)return q(u,p);Ea.get(
u)!==p&&(Ea.set(u,p),u.replaceChildren(o.node(n)))})}function Ue(e,t,n,l={}){return{key:e,label:t,number:!0,value:n,text:o=>$e(n(o)),...l}}function Fe(e,t,n,l={}){
return{key:e,label:t,number:!0,value:n,text:o=>we(n(o)),...l}}var qs=200,Mo=60,_o={green:"good",yellow:"watch",red:"bad",none:"waiting"},Va=e=>[...e].sort((t,n)=>+!t.odd-+!n.odd);function Pa(e){let t=F("workers"),n=F("work\
ers-body");t.hidden=!e.workers.length,!t.hidden&&(q(G(n,"summary","p",{class:"text"}),e.workers_in_words),Aa(G(n,"grid"),e),Ha(G(n,"table"),e))}function Us(e){return v(
"span",{class:"light "+e,"aria-hidden":"true"})}var Rn={all:!1,model:null};function Aa(e,t){let n=t.workers.filter(p=>p.series);if(e.hidden=!n.length,e.hidden)return;
G(e,"title","h3").textContent="Each worker";let l=La(n);Rn.model=t;let o=l.high?un(l.low)+" to "+we(l.high)+(l.logarithmic?", logarithmic":""):"not known";q(G(e,
"scale","p",{class:"muted text"}),"Above: rate sent, 0 to "+at(l.rate)+". Below: p99, "+o+". The same scale for all; a mark at the foot is a time with failures.");
let r=G(e,"list","ul",{class:"worker-grid"}),u=n.length>Mo?Va(n):n;ld(r,Rn.all?u:u.slice(0,Mo),l);let i=G(e,"more"),f=()=>{Rn.all=!0,Rn.model&&Aa(e,Rn.model),r.
querySelectorAll("li")[Mo]?.scrollIntoView({block:"nearest"}),qt("All workers are shown.")};Le(i,[Rn.all,n.length],()=>n.length>Mo&&!Rn.all?[an("Draw all "+$e(n.
length),f)]:[])}var js=new WeakSet,Ra=new IntersectionObserver(e=>{for(let{target:t,isIntersecting:n}of e)n?(js.add(t),dl(t)):js.delete(t)},{rootMargin:"200px"});
function ld(e,t,n){for(;e.lastElementChild&&e.children.length>t.length;){let l=e.lastElementChild.querySelector("canvas");l&&Ra.unobserve(l),e.lastElementChild.
remove()}t.forEach((l,o)=>{let r=o>=e.children.length,u=r?od():e.children[o],[i,f,p,b]=u.children;u.className!==(l.odd?"odd":"")&&(u.className=l.odd?"odd":""),q(
i.children[0],l.name),q(i.children[1],l.odd?"▲ odd":""),q(p,l.facts),q(b,l.odd),l.series&&Ca(f,l.series,n),js.has(f)&&dl(f),r&&(e.append(u),Ra.observe(f))})}function od(){
return v("li",{},v("div",{class:"name"},v("span"),v("span",{class:"odd-word"})),v("canvas",{"aria-hidden":"true"}),v("p",{class:"facts"}),v("p",{class:"facts od\
d-why"}))}var Ks=e=>[e.why,e.odd!==e.why?e.odd:null].filter(Boolean).join("; ");function sd(e){let{workers:t}=e,n=Bs(e),l=(i,f,p)=>f&&t.some(b=>b[i]!==null)?[p]:
[],o={red:0,yellow:1,green:2,none:3},r=i=>i?"bad":null,u=i=>({key:i,label:"rate",number:!0,value:f=>f[i],text:f=>at(f[i])});return[{key:"shard",label:"worker",value:i=>i.
shard+i.slice/1e3,text:i=>i.name.replace("worker ","")},{key:"light",label:"light",value:i=>o[i.light],text:i=>_o[i.light],node:i=>v("span",{class:"light-word"},
Us(i.light),v("span",{},_o[i.light]))},{key:"state",label:"state",text:i=>i.state},{key:"remark",label:"remark",value:i=>Ks(i)||null,text:Ks,wide:t.some(Ks)},...l(
"region",!0,{key:"region",label:"region",text:i=>i.region??"–"}),{key:"worker",label:"claimed by",text:i=>i.worker??"–"},...l("last_seen_s",n,{key:"last_see\
n_s",label:"last heard",number:!0,value:i=>i.last_seen_s,text:i=>ce(i.last_seen_s)?bt(i.last_seen_s)+" ago":"–"}),...l("rate_sent",n,u("rate_sent")),...l("owe\
d",!0,Ue("owed","planned",i=>i.owed)),...l("rate_per_s",!n,u("rate_per_s")),Ue("sent","sent",i=>i.sent),Ue("completed","completed",i=>i.completed),Ue("failed","\
failed",i=>i.failed,{tone:i=>r(i.failed)}),Ue("dropped","dropped",i=>i.dropped,{tone:i=>r(i.dropped)}),Ue("missing","missing",i=>i.missing,{tone:i=>r(i.missing)}),
Fe("p50","p50",i=>i.p50),Fe("p99","p99",i=>i.p99),Fe("max","max",i=>i.max),Fe("lag_p99","lag p99",i=>i.lag_p99),...l("start_skew",!0,Fe("start_skew","started la\
te by",i=>i.start_skew)),...l("clock_offset",!0,Fe("clock_offset","clock off by",i=>i.clock_offset)),...l("busy_percent",!0,{key:"busy",label:"busy",number:!0,value:i=>i.
busy_percent,text:i=>i.busy_percent===null?"–":i.busy_percent+"%"})]}var pl={all:!1,model:null,table:null};function Ha(e,t){pl.model=t;let{workers:n}=t,l=n.length>
qs,o=l&&!pl.all,r=pl.table??=new Kt(e,"Table of workers","tall");r.update(sd(t),l?Va(n):n,{limit:o?qs:void 0,mark:i=>!!i.odd});let u=()=>{pl.all=!0,pl.model&&Ha(
e,pl.model),r.node.focus({preventScroll:!0})};Le(G(e,"more","div",{class:"after-table"}),[o,n.length],()=>o?[v("span",{class:"muted"},"Shown are "+qs+" of "+$e(
n.length)+", the odd ones first. "),an("Show all "+$e(n.length),u)]:[])}var Zs=100,Bl=()=>document.querySelector('meta[name="vajra-token"]')?.content??"";function Na(e){let{live:t}=e;if(F("live").hidden=!t,!t)return;let n=F("live-bo\
dy");rd(G(n,"state"),t,e.verdict);let l=t.state==="ended",o=F("stop-button");o.hidden=l||!Bl(),o.disabled=t.state==="stopping",q(o,t.state==="stopping"?"Stoppin\
g…":"Stop the run");let[r,u,i]=[G(n,"figures","dl",{class:"figures wide"}),G(n,"errors","p",{class:"text"}),G(n,"lights")];if(r.hidden=u.hidden=i.hidden=l,l)return id(
G(n,"farewell","p",{class:"text farewell"}),t);Ys(r,t.figures),q(u,t.errors),ad(i,t,e.workers)}function rd(e,t,n){let l=G(e,"line","div",{class:"live-state"});Le(
G(l,"word"),t.words,()=>[v("span",{class:"badge small "+(t.state==="ended"?n:"running")},t.words)]),q(G(l,"time","span"),t.clock),G(e,"bar","progress",{max:"1",
"aria-label":"Time of the run"}).value=t.progress}function id(e,t){Le(e,[t.stays,t.again],()=>[t.stays?"This page is served until its command is interrupted (Ct\
rl-C).":"This page is no longer served: it stays in this window, but cannot be loaded again, and past runs do not open from it.",t.again?" This writes it to a f\
ile, at any time: ":null,t.again?v("code",{},t.again):null])}function ad(e,t,n){G(e,"title","h3").textContent="Workers now",Le(G(e,"counts","p",{class:"light-co\
unts"}),t.lights,()=>t.lights.map(([u,i])=>v("span",{class:"light-word"},v("span",{class:"light "+u,"aria-hidden":"true"}),i)));let l={red:0,yellow:1,none:2,green:3},
o=n.length>Zs,r=o?[...n].sort((u,i)=>l[u.light]-l[i.light]).slice(0,Zs):n;Le(G(e,"list","ul",{class:"lights","aria-label":"Lights of the workers"}),r.map(u=>[u.
name,u.light]),()=>r.map(ud)),q(G(e,"rest","p",{class:"muted"}),o?"Shown are "+Zs+" of "+$e(n.length)+", those in trouble first.":""),Le(G(e,"why"),t.troubled,()=>[
Yt(t.troubled)])}function ud(e){let t=v("span",{class:e.light==="green"?"unseen":null}," "+_o[e.light]);return v("li",{},Us(e.light),e.name,t)}function Fa(e){let t=F("generator-body");F("generator").hidden=!1;let{generator:n}=e;Le(G(t,"health"),[n,Gs(e)],()=>Gs(e)?[v("p",{class:"text"},n.sentence),Yt(n.
why),n.waits.length?v("p",{class:"text"},"What arrivals waited for:"):null,Yt(n.waits),Dl(n.facts)]:[]),Le(G(t,"balance"),e.balance_words,()=>cd(e.balance_words))}
function cd(e){let t=e.sums.map(n=>[...n.cells,n.off?v("span",{class:"bad"},n.judged):n.judged]);return[v("h3",{},"Balance of arrivals"),Qt("Balance of arrivals",
Cn("Balance of arrivals",null,t,0),"fit"),...e.besides.map(n=>v("p",{class:"muted after-table"},n))]}function Oa(e){let{plan:t,phases:n,source:l}=e;F("plan").hidden=
!t.length&&!l;let o=u=>[u.when,u.text+(u.measured?"":" (not measured)")],r={class:"source",tabindex:"0",role:"region","aria-label":"Scenario, as written"};Le(G(
F("plan-body"),"plan"),[t,n,l],()=>[Dl(t),v("h3",{},"Load"),Dl(n.map(o)),...l?[v("h3",{},"Scenario, as written"),v("pre",r,l)]:[]])}function Wa({cost:e}){F("cos\
t").hidden=!e,e&&Le(G(F("cost-body"),"cost"),e,()=>fd(e))}function fd({actual:e,expected:t,prices_of:n,lines:l,basis:o}){return[Dl([["this run",e??"–"],["expe\
cted before",t],["prices of",n]]),l.length?v("h3",{},"What it is made of"):null,l.length?Qt("Cost by part",Cn("Cost by part",null,l),"fit"):null,Yt(o)]}function Lo(){
let e=[...document.querySelectorAll("main > section")].filter(t=>!t.hidden);Le(F("contents"),e.map(t=>t.id),()=>e.map(t=>v("a",{href:"#"+t.id},t.querySelector("\
h2")?.textContent)))}var dd=["not started","no report yet","running"],Gl={table:null,opens:!1};async function Ia(e){try{let t=await fetch("past",{headers:{"X-Vajra-Token":Bl()}});if(!t.
ok)return;De.past=await t.json()}catch{return}Co(e())}function Co(e){if(F("past").hidden=!De.past.length,!De.past.length)return;Gl.table??=new Kt(F("past-body"),
"Table of past runs","tall fit"),Gl.opens!==e&&Gl.table.body.replaceChildren(),Gl.opens=e;let n=[{key:"run",label:"run",text:l=>l.run,node:l=>e&&!dd.includes(l.
verdict)?v("a",{href:"past/"+encodeURIComponent(l.run)},l.run):document.createTextNode(l.run)},{key:"verdict",label:"verdict",text:l=>l.verdict,node:l=>zs(l.verdict,
l.verdict,!0)},{key:"scenario",label:"scenario",text:l=>l.scenario},{key:"created",label:"created",value:l=>l.created,text:l=>l.created?ia(l.created):"–"},Ue(
"workers","workers",l=>l.workers),{key:"length",label:"length",number:!0,text:l=>l.length||"–"}];Gl.table.update(n,De.past),Lo()}var pd=4e3,ye={source:null,heard:null,lost:null,gone:!1,ended:!1,state:null,undrawn:!1},Do=()=>{};function Ba(){ye.source?.close();let e=new EventSource("events");
ye.source=e,e.addEventListener("model",t=>{let n;try{n=JSON.parse(t.data)}catch{return}ye.heard=Date.now(),ye.gone=!1,md(n),Eo()}),e.addEventListener("gone",()=>{
ye.gone=!0,e.close(),za(),Eo()}),e.addEventListener("error",()=>{ye.lost||=Date.now(),za(),Eo(),e.readyState===EventSource.CLOSED&&!ye.ended&&!ye.gone&&setTimeout(
Ba,2e3)}),e.addEventListener("open",()=>{ye.lost=null})}var Js=()=>!ye.ended||!!De.model?.live?.stays;function za(){ye.ended&&(ye.source?.close(),De.model?.live?.
stays&&(De.model.live.stays=!1,document.hidden?ye.undrawn=!0:Do(De.model),Co(Js())))}function md(e){let t=e.live?.state??"ended";if(ye.ended=t==="ended",ye.lost=
null,De.model=e,ye.state||Ia(Js),ye.state!==t&&(ye.state=t,qt(ye.ended?"The run has ended: "+So(e.verdict_word)+".":"The run is "+t+"."),ye.ended&&Co(Js())),ye.
ended){e.live?.stays||ye.source?.close();let n=F("stop-dialog");n.open&&n.close()}document.hidden?ye.undrawn=!0:Do(e)}function Eo(){let e=F("connection"),[t,n]=e.
children,{gone:l,lost:o,heard:r,ended:u}=ye,i=!u&&(l||o!==null||r!==null&&Date.now()-r>pd);if(e.hidden=!i,document.body.classList.toggle("old",i),!i)return q(t,
"");let f=l?"The server has left. What is shown is old and will not change.":o?"Connection lost. What is shown is old. Trying again.":"No news. What is shown is\
 old.";t.textContent!==f&&qt(f),q(t,f);let p=r===null?null:Math.round((Date.now()-r)/1e3);return q(n,p===null?" Nothing was heard yet.":" Last heard "+bt(p)+" a\
go.")}function hd(){q(F("stop-title"),"Stop run "+(De.model?.run??"")+"?"),q(F("stop-text"),"Workers stop sending within 2 s; what was measured is reported."),F(
"stop-problem").hidden=!0,F("stop-yes").disabled=!1,F("stop-dialog").showModal(),F("stop-no").focus()}async function gd(){let e=F("stop-problem"),t=F("stop-yes");
t.disabled=!0;try{let n=await fetch("stop",{method:"POST",headers:{"X-Vajra-Token":Bl()}});if(n.status===204){F("stop-dialog").close(),qt("The run is told to st\
op.");return}q(e,"The run was not stopped: "+(await n.text()||"answer "+n.status))}catch{q(e,"The run was not stopped: the server does not answer.")}e.hidden=!1,
t.disabled=!1}function Ga(e){Do=e,q(F("scenario"),"Load test"),q(F("run-line"),"Waiting for the first news of the run."),F("verdict").hidden=!0,F("stop-button").
addEventListener("click",hd),F("stop-no").addEventListener("click",()=>F("stop-dialog").close()),F("stop-yes").addEventListener("click",()=>{gd()}),document.addEventListener(
"visibilitychange",()=>{document.hidden||!ye.undrawn||!De.model||(ye.undrawn=!1,Do(De.model))}),Ba(),setInterval(Eo,1e3)}function Ya(e){return e.at.length?[...(e.planned&&[{key:"planned",label:"planned",colour:"planned",dash:[6,4],width:1.6,values:e.planned}])??[],{key:"sent",label:"\
sent",colour:"sent",width:3,values:e.sent},{key:"completed",label:"completed",colour:"completed",width:1.5,values:e.completed}]:[]}var ja={...cl,key:"rate",heading:"\
Rate",hint:"requests per second: planned, sent, completed",labelY:"requests per second",strip:!0,tick:e=>$e(e)==="0"&&e>0?String(e):$e(e),format:at,draw:e=>e.at.
length?Ya(e):null,describe:(e,t)=>"Chart of the rate over "+bt(e.end)+": "+xo(Ya(e),at)+wd(t),rows:(e,t,n)=>vo(e,n,"rate",at),below:e=>Le(e.below,e.model.bands,
()=>e.model.bands.map(t=>v("p",{class:"band-list text"},t)))};function wd(e){let t=e.missing.length;return t?" In "+Dn(t,"interval")+" a worker’s part is missin\
g.":""}var bd=[{key:"p50",label:"p50",colour:"p50"},{key:"p90",label:"p90",colour:"p90"},{key:"p99",label:"p99",colour:"p99",width:2.2},{key:"p99_9",label:"p99.\
9",colour:"p99-9",dash:[6,3]},{key:"max",label:"max",colour:"max",dash:[2,3],width:1.4}],qa=e=>bd.map(t=>({...t,values:e[t.key].map(bo)})),Ua={...cl,key:"latenc\
y",heading:"Latency",hint:"percentiles of the requests answered at the time",labelY:"latency",tick:un,format:we,log:e=>{let[t,n]=[al(e.p50),ut(e.max)];return t!==
null&&n!==null&&t>0&&n/t>20},draw:e=>ut(e.max)===null&&ut(e.p50)===null?null:qa(e),describe:e=>{let t=ut(e.max),n=Ht(e.at[e.max.indexOf(t)]??0,e.end),l=" The sl\
owest request took "+we(t)+" at "+n+".";return"Chart of latency over time: "+xo(qa(e),we)+l},rows:(e,t,n)=>vo(e,n,"highest",we)};function Ka(e){let t=e.kinds.map(
(n,l)=>({key:n,label:cn(n),colour:"kind-"+(l%8+1),values:e.failures[n]}));return fn(e.dropped)>0&&t.push({key:" dropped",label:"dropped",colour:"dropped",values:e.
dropped}),t}var Za={...cl,key:"errors",heading:"Failed and dropped",hint:"per second, by kind, stacked",labelY:"per second",stacked:!0,height:190,tick:Hs,format:at,
draw:e=>{let t=Ka(e);return t.length?t:null},describe:(e,t)=>"Chart of failed and dropped requests over time. In all: "+t.errors+". Per second: "+xo(Ka(e),at),rows:(e,t,n)=>vo(
e,n,"rate",at)};var Yl=e=>e.distribution.filter(t=>t.points.length>1),yd={latency:{colour:"latency"},service:{colour:"service",dash:[6,3]}},Ja={key:"distribution",heading:"Late\
ncy and service by percentile",hint:"each mark to the right is ten times as rare",labelX:"percentile",labelY:"time",height:290,tick:un,format:we,log:(e,t)=>{let n=t.
distribution.flatMap(l=>l.points.map(o=>o[1])).filter(l=>l>0);return n.length>0&&(ut(n)??0)/(al(n)??1)>30},draw:(e,t)=>{let n=Yl(t),l=$s(n);return n.length?n.map(
o=>({key:o.name,label:o.name,width:2,...yd[o.name]??{colour:"muted"},values:l.map(r=>bo(Qs(o.points,r)))})):null},x:(e,t)=>{let n=$s(Yl(t)),l=Math.log10(1/(1-(ut(
n.filter(r=>r<1))??0))),o=Math.max(l+.05,Math.log10(Math.max(10,t.total.completed+t.total.failed)));return n.map(r=>r>=1?o:Math.log10(1/(1-r)))},rangeX:(e,t,n)=>e.
zoomed??[0,Math.max(1,n||1)],axisX:e=>({splits:(t,n,l,o)=>xd(l,o),filter:(t,n)=>n,values:(t,n)=>{let{min:l=0,max:o=1}=t.scales.x;return vd(n,l,o,e.plot.clientWidth-
100)}}),place:(e,t)=>{let n=e.uplot?.data[0]??[];return t===n.length-1?"the maximum":Al(1-10**-n[t])},describe:(e,t)=>"Chart of "+Yl(t).map(n=>n.name+" by perce\
ntile: "+[.5,.9,.99,.999,1].map(l=>Al(l)+" "+we(Qs(n.points,l))).join(", ")).join("; ")+".",rows:(e,t,n)=>{let l=[0,.25,.5,.75,.9,.95,.99,.995,.999,.9999,.99999,
1],o=ut($s(Yl(t)).filter(i=>i<1))??0,r=new Map(Yl(t).map(i=>[i.name,i.points])),u=l.filter(i=>i<=o||i===1).map(i=>[Al(i),...n.map(({key:f})=>we(Qs(r.get(f)??[],
i)))]);return{columns:["percentile",...n.map(({label:i})=>i)],rows:u,note:null}}};function $s(e){return[...new Set(e.flatMap(t=>t.points.map(n=>n[0])))].sort((t,n)=>t-
n)}function Qs(e,t){let n=e.find(l=>l[0]>=t-1e-12);return n?n[1]:null}function vd(e,t,n,l){let o=-1/0;return e.map(r=>{let u=Al(r===0?0:1-10**-r),[i,f]=[(r-t)/(n-
t)*l,u.length*3.6+3];return i-f<o?null:(o=i+f,u)})}function xd(e,t){let n=t-e<=4?[0,Math.log10(2)]:[0];for(let l=1;l<=Math.floor(t+1e-9);l+=1)n.push(l);return n.
filter(l=>l>=e-1e-9&&l<=t+1e-9)}var Xs=new WeakMap,$a=new WeakMap,Qa={...cl,key:"heat",heading:"Requests by time and latency",hint:"the stronger the colour, the more requests",labelY:"latency",
height:270,cursorY:!0,tick:un,format:$e,alwaysLogarithmic:!0,draw:e=>Td(e)?[{key:"heat",label:"requests",colour:"muted",invisible:!0,values:e.at.map(()=>null)}]:
null,rangeY:e=>{let t=ql(e.facts);return[e.facts.edges[t.lowest],e.facts.edges[t.highest+1]]},paint:Sd,legend:_d,readCursor:Ld,recolour:e=>{let t=Xs.get(e);t&&er(
e,t)},speak:Xa,describe:e=>{let t=ql(e),n=we(e.edges[t.lowest])+" to "+we(e.edges[t.highest+1]),l=Dn(t.most,"request");return"Heat map of latency over "+bt(e.end)+
", from "+n+"; at most "+l+" in one cell."},rows:Cd};function ql(e){let t=$a.get(e);if(t)return t;let n={lowest:1/0,highest:-1,most:0};for(let l of e.heat)for(let[
o,r]of l)r<=0||(n.lowest=Math.min(n.lowest,o),n.highest=Math.max(n.highest,o),n.most=Math.max(n.most,r));return $a.set(e,n),n}var Td=e=>ql(e).most>0;function kd(e,t){
return t<=1?En-1:Math.round(Math.log(e)/Math.log(t)*(En-1))}function Sd(e,t){let{facts:n}=t,{ctx:l,bbox:o}=e,r=ql(n),{min:u=0,max:i=n.end}=e.scales.x,f=Math.max(
0,Math.floor((u-n.at[0])/n.step)),p=Math.min(n.at.length-1,Math.ceil((i-n.at[0])/n.step)),b=Math.max(1,Math.ceil((p-f+1)/o.width)),h=n.edges.map(L=>Math.round(e.
valToPos(Math.max(L,1e-6),"y",!0))),w=Array.from({length:En},()=>[]);for(let L=f;L<=p;L+=b){let k=Math.round(e.valToPos(n.at[L],"x",!0)),V=Math.round(e.valToPos(
n.at[L]+n.step*b,"x",!0)),z=Math.max(1,V-k);for(let[B,S]of Md(n.heat,L,Math.min(L+b,p+1)))w[kd(S,r.most)].push(k,h[B+1],z,Math.max(1,h[B]-h[B+1]))}l.save(),l.beginPath(),
l.rect(o.left,o.top,o.width,o.height),l.clip();for(let[L,k]of w.entries()){l.fillStyle=Ps()[L];for(let V=0;V<k.length;V+=4)l.fillRect(k[V],k[V+1],k[V+2],k[V+3])}
l.restore()}function Md(e,t,n){if(n-t<=1)return e[t].filter(([,o])=>o>0);let l=new Map;for(let o=t;o<n;o+=1)for(let[r,u]of e[o])l.set(r,Math.max(l.get(r)??0,u));
return l}function _d(e){let t={bar:v("canvas",{class:"bar",width:En,height:1,"aria-hidden":"true"}),most:v("span"),read:v("output")};Xs.set(e,t),e.legend.replaceChildren(
v("div",{class:"heat-legend"},v("span",{},"1"),t.bar,t.most,v("span",{class:"muted"},"in one cell, logarithmic"),e.when,t.read)),er(e,t)}function er(e,t){let n=Pl(
t.bar);Ps().forEach((l,o)=>{n.fillStyle=l,n.fillRect(o,0,1,1)}),q(t.most,Dn(ql(e.facts).most,"request"))}function Ld(e,t){let n=Xs.get(e);if(!n||!e.uplot)return;
if(er(e,n),t===null)return q(n.read,"");let{facts:l,uplot:o}=e,{top:r,event:u}=o.cursor,i=e.byKey||!ce(r)?null:o.posToVal(r,"y"),f=i===null?-1:l.edges.findIndex(
(h,w)=>h<=i&&i<l.edges[w+1]);if(f<0||!u)return q(n.read,Xa(e,t));let p=l.heat[t].find(([h])=>h===f),b=we(l.edges[f])+" to "+we(l.edges[f+1]);return q(n.read,b+"\
: "+Dn(p?p[1]:0,"request"))}function Xa(e,t){let{edges:n,heat:l}=e.facts,o=l[t];if(!o.length)return"no requests measured";let[r]=o.reduce((i,f)=>f[1]>i[1]?f:i);
return Dn(fn(o.map(i=>i[1])),"request")+", most of them "+we(n[r])+" to "+we(n[r+1])}function Cd(e){let t=Math.max(1,Math.ceil(e.at.length/Fs)),n=[];for(let l=0;l<
e.at.length;l+=t){let o=new Map;for(let i=l;i<Math.min(l+t,e.at.length);i+=1)for(let[f,p]of e.heat[i])o.set(f,(o.get(f)??0)+p);let r=[...o.keys()];if(!r.length){
n.push([Ht(e.at[l],e.end),"0","–","–","–"]);continue}let u=r.reduce((i,f)=>(o.get(f)??0)>(o.get(i)??0)?f:i);n.push([Ht(e.at[l],e.end),$e(fn([...o.values()])),
we(e.edges[Math.min(...r)]),we(e.edges[u])+" to "+we(e.edges[u+1]),we(e.edges[Math.max(...r)+1])])}return{columns:["from","requests","fastest above","most of th\
em","slowest below"],rows:n,note:t*e.step>1?"Each row is "+bt(t*e.step)+".":null}}var tu=e=>({key:"name",label:e,value:t=>t.name,text:t=>t.name||"(no name)"}),Ed=e=>e.failed_percent===null?"–":e.failed_percent+"%";function Dd(e){let t={minor:!0};
return[tu(e),Ue("sent","sent",n=>n.sent),Ue("completed","completed",n=>n.completed),Ue("failed","failed",n=>n.failed,{tone:n=>n.failed?"bad":null}),{key:"failed\
 share",label:"failed %",number:!0,value:n=>n.failed_percent,text:Ed},Ue("dropped","dropped",n=>n.dropped,{tone:n=>n.dropped?"bad":null}),Ue("retries","retries",
n=>n.retries,t),{key:"rate",label:"rate",number:!0,value:n=>n.rate_per_s,text:n=>at(n.rate_per_s)},Fe("p50","p50",n=>n.p50),Fe("p90","p90",n=>n.p90),Fe("p95","p\
95",n=>n.p95),Fe("p99","p99",n=>n.p99),Fe("p99_9","p99.9",n=>n.p99_9),Fe("max","max",n=>n.max),Fe("mean","mean",n=>n.mean,t),Fe("service_p50","service p50",n=>n.
service_p50),Fe("service_p99","service p99",n=>n.service_p99),Fe("first_byte_p50","first byte p50",n=>n.first_byte_p50,t),Fe("first_byte_p99","first byte p99",n=>n.
first_byte_p99,t),Fe("lag_p99","lag p99",n=>n.lag_p99),{key:"body_bytes",label:"received",number:!0,minor:!0,value:n=>n.body_bytes,text:n=>ra(n.body_bytes)}]}function Rd(e,t){
let n=[...new Set(e.flatMap(o=>Object.keys(o.failures)))].sort(),l=[...new Set(e.flatMap(o=>Object.keys(o.statuses)))].sort();return[tu(t),...n.map(o=>Ue("faile\
d "+o,cn(o),r=>r.failures[o]??0,{title:"failed: "+cn(o),tone:r=>r.failures[o]?"bad":null})),...l.map(o=>Ue("status "+o,"status "+o,r=>r.statuses[o]??0))]}var ml={};
function eu(e,t,n,l,o){let r=n==="request"?"Failures and statuses":"Failures and statuses by region",u=t??{rows:new Kt(e,n==="request"?"Requests by name":"Reque\
sts by region"),failures:new Kt(G(e,"failures"),"Failures and statuses by "+n,"fit")},i=G(e,"failures");t||i.prepend(G(i,"title","h3")),G(i,"title","h3").textContent=
r;let f=l.length>1&&o?{...o,name:"all"}:null;u.rows.update(Dd(n),l,{total:f});let p=Rd([...l,...o?[o]:[]],n);return i.hidden=p.length===1,u.failures.update(p,l,
{total:f}),u}function nu(e){let t=F("requests"),n=F("requests-body");if(t.hidden=!e.requests.length,t.hidden)return;ml.requests=eu(n,ml.requests,"request",e.requests,
e.total),Vd(n,e.failures);let l=G(n,"regions");l.hidden=!e.regions.length,!l.hidden&&(G(l,"title","h3").textContent="Regions",ml.regions=eu(l,ml.regions,"region",
e.regions,null))}function Vd(e,t){let n=G(e,"reasons");if(n.hidden=!t.length,n.hidden)return;G(n,"title","h3").textContent="Reasons of failures",ml.reasons??=new Kt(
n,"Reasons of failures","fit");let l=[{key:"reason",label:"reason",text:o=>o.reason},{key:"kind",label:"failed by",text:o=>cn(o.kind)},Ue("count","count",o=>o.count),
{key:"request",label:"request",text:o=>o.request},{key:"origin",label:"origin",text:o=>o.origin??"–"},{key:"first",label:"first arrivals",value:o=>o.first[0],
text:o=>o.first.join(", ")},{key:"advice",label:"what to do",text:o=>o.advice??""}];ml.reasons.update(l,t,{limit:50})}/*! The charts are drawn by uPlot (MIT), copyright (c) 2022 Leon Sorokin. */var Pd=690;function Ad(e){F("verdict").hidden=!1,ka(e),Na(e),Sa(e)}function lu(e,t){
Hd(e,t),F("spread").hidden=!1,F("spread").hidden=!fl(F("spread-body"),Ja,e,t),F("heat").hidden=!1,F("heat").hidden=!fl(F("heat-body"),Qa,e,t)}function Hd(e,t){let n=F(
"over-time-body");if(F("over-time").hidden=!e.at.length,!e.at.length)return;fl(n,ja,e,t),fl(n,Ua,e,t);let l=fl(n,Za,e,t);q(G(n,"no-errors","p",{class:"muted"}),
l?"":"No request failed, and none was dropped."),q(G(n,"help","p",{class:"muted band-list help"}),"Drag over a chart to zoom, double click to reset. With the ke\
yboard: arrow keys move, + and − zoom, 0 resets.")}function ou(e){nu(e),Pa(e),Fa(e),Oa(e),Wa(e),Lo()}function su(e){let t=ua(e.seconds,e.heat);if(Ad(e),De.ready){
lu(t,e),ou(e);return}(l=>document.hidden?setTimeout(l):requestAnimationFrame(l))(()=>setTimeout(()=>{lu(t,e),setTimeout(()=>{ou(e),De.ready=!0},0)},0))}var ru=()=>document.
querySelectorAll(".worker-grid canvas");function Nd(){Vs();for(let e of zl.values())e.uplot?.redraw(!1,!0),e.definition.recolour?.(e);for(let e of ru())e.width!==
300&&dl(e)}function iu(e){document.documentElement.classList.toggle("printing",e),Vs();for(let t of zl.values()){if(!t.uplot||t.figure.hidden)continue;let n=t.definition.
height??ko;t.uplot.setSize({width:e?Pd:t.plot.clientWidth,height:n}),t.definition.recolour?.(t)}for(let t of ru())dl(t)}matchMedia("(prefers-color-scheme: dark)").
addEventListener("change",Nd);window.addEventListener("beforeprint",()=>iu(!0));window.addEventListener("afterprint",()=>iu(!1));To?Ga(su):(De.model=JSON.parse(
F("model").textContent??"null"),De.model&&su(De.model));})();
