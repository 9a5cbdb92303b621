{{/* The namespace and the label of every object. */}}
{{- define "vajra.metadata" -}}
namespace: {{ .Release.Namespace }}
labels:
  app.kubernetes.io/name: vajra-cloud
{{- end }}
