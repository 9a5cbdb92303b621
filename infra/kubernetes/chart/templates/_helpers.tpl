{{/* The namespace and the label of every object. */}}
{{- define "vajra.metadata" -}}
namespace: {{ .Release.Namespace }}
labels:
  app.kubernetes.io/name: vajra-cloud
{{- end }}

{{/* The Secrets with which the pods of a service account pull the image. */}}
{{- define "vajra.pullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
{{- range . }}
- name: {{ . }}
{{- end }}
{{- end }}
{{- end }}
