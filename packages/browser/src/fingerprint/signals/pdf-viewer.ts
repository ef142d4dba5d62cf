/** Whether the browser shows PDF files itself. @see https://html.spec.whatwg.org/#pdf-viewing-support */
export function readPdfViewer(): boolean | undefined {
  return (navigator as { pdfViewerEnabled?: boolean }).pdfViewerEnabled
}
