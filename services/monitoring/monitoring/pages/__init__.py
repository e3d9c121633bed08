"""What people see: values as a page, a chart or a table. Decided from values alone; HTTP is the routes' business."""
